"""What people record."""
