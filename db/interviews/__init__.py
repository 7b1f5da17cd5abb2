"""Performance interviews: who may hold, read and answer them."""
