"""The log as columns: read from the driver, laid out by month, what changed in it, saved."""
