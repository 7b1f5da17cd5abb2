"""What whoever runs the server can watch: a log file, and meters for Prometheus. Neither holds a stored value."""
