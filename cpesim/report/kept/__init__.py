"""The files of stored runs, read back."""
