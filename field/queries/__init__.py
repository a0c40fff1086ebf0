"""What asks something of the product's own facts."""
