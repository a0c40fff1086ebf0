"""Court enforcement assistance by grid workers: the product itself."""
