"""The server, and the pages before the pages."""
