"""Files of many rows: read, judged and stored a portion at a time, and unseen until a last short write accepts them."""
