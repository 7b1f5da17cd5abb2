"""Storage: it keeps facts, guards them, and hands them out as frames. Every reader and writer takes a Viewer."""
