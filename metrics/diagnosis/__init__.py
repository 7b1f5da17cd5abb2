"""Which differences are real, and why somebody is behind."""
