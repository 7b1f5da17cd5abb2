"""People who submit and read on a real server while something happens to what it stands on, and what must hold after."""
