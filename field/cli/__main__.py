"""`python -m field.cli` is `gridfield`, for processes that start one another."""

from field.cli import main

main(prog_name="gridfield")
