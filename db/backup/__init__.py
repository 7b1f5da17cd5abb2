"""Backups: one file that holds a whole moment of the store, looked through after it was written, and put back."""
