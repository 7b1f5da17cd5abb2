"""What the data have to say to each item of a meeting: finished words, the same on the wall, on paper and as JSON."""
