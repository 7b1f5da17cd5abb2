"""Opportunities on screen."""
