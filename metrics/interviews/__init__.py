"""Performance interviews: whether the number that was to move has moved."""
