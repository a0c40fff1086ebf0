"""The door: requests in, transactions, problems out."""
