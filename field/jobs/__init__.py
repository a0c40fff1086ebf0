"""What runs later, by itself."""
