"""The meetings on screen."""
