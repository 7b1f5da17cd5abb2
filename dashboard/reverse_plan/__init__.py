"""What a plan asks for a day."""
