"""What devices tell of their own accord, and when."""
