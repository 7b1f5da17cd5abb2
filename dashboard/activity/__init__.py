"""The activity log on screen: entered, corrected, read."""
