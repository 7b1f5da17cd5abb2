"""The visual parts, whatever they show."""
