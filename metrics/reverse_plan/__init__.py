"""What a plan asks for a day, from its end back to the next consultation."""
