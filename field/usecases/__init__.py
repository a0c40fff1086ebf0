"""What changes something, one verb per file."""
