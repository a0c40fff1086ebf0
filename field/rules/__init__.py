"""What is allowed: pure decisions with no I/O; time is always an argument."""
