"""The bank's working days."""
