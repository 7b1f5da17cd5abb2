"""What a file is, whatever it brings."""
