"""What is taken away on paper: one document, drawn as Word, PDF, picture or JSON. No screen is needed for it."""
