"""The project folder, and the only door to its files, its git and its processes."""
