"""Two stored runs, and whether the newer is worse."""
