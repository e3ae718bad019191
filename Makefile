# Everything one does with this tree; `make` lists it. Needs Python >= 3.11, make and
# a package index, nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := tests/foreign/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help run test clients check gen protos lint types imports format lock clean

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: $(READY) ## Serves everything with demo data; flags: ARGS="--http-port 9000"
	@$(BIN)/prospectconnect serve $(ARGS)

test: $(READY) ## Runs the tests; flags: PYTEST_ARGS="-k contacts"
	$(BIN)/python -m pytest $(PYTEST_ARGS)

clients: $(CLIENTS) ## Installs the clients for Node that tests use; needs npm

check: protos lint types imports test ## Runs all that must pass before a change lands

gen: $(READY) ## Generates gen/ from the protos
	protos/generate.sh $(BIN)

protos: $(READY) ## Checks the protos: gen/ is fresh, lint, no break of what has landed
	.ci/protos $(BIN)

lint: $(READY) ## Checks style and layout
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY) ## Checks types
	$(BIN)/mypy

imports: $(READY) ## Checks which room imports which
	$(BIN)/lint-imports

format: $(READY) ## Repairs style and layout
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(READY) ## Pins the newest dependencies that fit into requirements.lock
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --upgrade --quiet \
	  --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --output-file requirements.lock

clean: ## Removes the environment and all caches; keeps .data/
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache \
	  .hypothesis tests/foreign/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: the locked dependencies, then the project as it lies here.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(CLIENTS): tests/foreign/package-lock.json
	cd tests/foreign && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
