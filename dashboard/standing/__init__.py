"""Where a part of the bank stands in a period."""
