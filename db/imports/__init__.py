"""Files that bring data in."""
