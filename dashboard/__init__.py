"""The visual parts, and the ways in: browser and command line."""
