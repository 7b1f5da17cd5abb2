"""Monthly plans."""
