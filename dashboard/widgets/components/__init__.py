"""What runs in the browser by scripts of our own."""
