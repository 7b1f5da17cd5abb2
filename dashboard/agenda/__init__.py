"""What meetings go through, set by a branch or preset by its region."""
