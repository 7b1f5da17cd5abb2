"""The largest numbers and longest texts that are stored."""

LONGEST_TEXT = 500  # characters of a text

LARGEST_AMOUNT = 1_000_000_000_000  # 元: a slip of the finger, not a loan

LARGEST_COUNT = 2_000_000_000  # more customers than there are people to be
