"""Keys, passwords and tokens: what must stay secret."""
