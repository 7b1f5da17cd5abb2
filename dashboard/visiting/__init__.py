"""Visiting days: who goes where with whom, whom they visit, what it brought."""
