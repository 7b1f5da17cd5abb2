"""The bank's calendar and leave on screen."""
