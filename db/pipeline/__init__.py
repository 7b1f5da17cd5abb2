"""Opportunities under way."""
