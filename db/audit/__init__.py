"""The audit trail, read and checked."""
