"""What a meeting decides."""
