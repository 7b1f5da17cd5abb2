"""The shelf: what there is to learn from, read, written and counted."""
