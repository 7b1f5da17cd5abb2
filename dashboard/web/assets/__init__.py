"""The files a page is made of, as they go over the line."""
