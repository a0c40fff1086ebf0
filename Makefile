# The two commands of the README are `make run` and `make test`; both install what they miss.
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## install what is missing, then start everything; Ctrl-C stops it
	@deploy/bootstrap.sh run
	@exec $(BIN)/gridfield run

test: lint ## install what is missing, then check everything: the one gate
	@$(BIN)/pytest

lint: ## format, style, import contracts, types
	@deploy/bootstrap.sh test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

format: ## write the code as the format check wants it
	@deploy/bootstrap.sh test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## measure; one JSON object per measure
	@deploy/bootstrap.sh test
	@$(BIN)/python -m tests.bench

lock: ## choose the newest versions that fit pyproject.toml
	@deploy/bootstrap.sh test
	@deploy/lock.sh

clean: ## forget environments and caches; data under var/ stays
	@rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find field geo notifications migrations tests -name __pycache__ -prune -exec rm -rf {} +
