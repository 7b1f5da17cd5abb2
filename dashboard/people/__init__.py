"""Accounts and postings on screen."""
