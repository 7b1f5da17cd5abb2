"""Arithmetic on the log: frames in, frames out. No clock, no files, no database, no screen."""
