"""A meeting run from one screen."""
