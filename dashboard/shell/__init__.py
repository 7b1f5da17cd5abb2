"""What every page runs in."""
