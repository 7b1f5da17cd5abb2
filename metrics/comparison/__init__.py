"""Branches, or the managers of one, side by side."""
