"""The bank's definitions on screen."""
