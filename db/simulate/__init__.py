"""A believable region, seeded."""
