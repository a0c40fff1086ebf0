#!/bin/sh
# Lock the newest versions that fit pyproject.toml, with hashes and without naming where they come from.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .uv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
        --python-version 3.11 --custom-compile-command "make lock" "$@"
}

compile pyproject.toml -o requirements.txt
# The same versions again, so that what is tested is what runs.
compile pyproject.toml --group dev --constraint requirements.txt -o requirements-dev.txt
sed -n 's/^\(uv==[0-9.]*\).*/\1/p' deploy/uv.txt | compile - -o deploy/uv.txt
