"""Who did what to which object: recorded with the fact, sealed into a chain per court."""
