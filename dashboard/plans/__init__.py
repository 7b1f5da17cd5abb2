"""Plans on screen."""
