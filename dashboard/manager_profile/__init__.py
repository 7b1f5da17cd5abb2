"""One manager: where they stand, why, whether it has changed, and what it is made of."""
