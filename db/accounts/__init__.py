"""Who may sign in, and whether they are signed in."""
