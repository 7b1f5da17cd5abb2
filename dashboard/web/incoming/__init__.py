"""What comes in, before it is a request that anybody answers."""
