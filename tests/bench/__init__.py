"""How fast the product is beside the floor it stands on: `make bench`, never part of the tests."""
