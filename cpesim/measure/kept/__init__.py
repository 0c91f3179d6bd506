"""What is kept of a run's course, in a form that takes little of memory."""
