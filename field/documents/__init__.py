"""Documents as people take them away, printed from what the queries answer."""
