"""Penetration on pages and as a report, and the territories it is counted in."""
