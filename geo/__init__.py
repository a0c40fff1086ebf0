"""The map: divisions, cells, datums and the question which cell a point lies in."""
