"""Files on their way in, on screen."""
