"""JSON on the way in becomes a typed order; facts on the way out become JSON."""
