"""Performance interviews on screen: the sheet, the answer to it, and whether the number has moved."""
