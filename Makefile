# Everything a newcomer or CI runs. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
# What is compiled once serves every process after it; some environments switch that off.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/tools/bin/uv
READY := $(VENV)/ready

# Everything below runs on the twins, which listen on this machine.
export ML_CONNECTOR_PRIVATE_ADDRESSES := true

.PHONY: help demo demo-console test test-both browser-test screenshots lint format contract contract-own twin-checklist twin-reference bench bench-invoices bench-pages bench-twins bench-webhooks bench-budgets bench-initial-load outage crash-matrix crash-stories token-storm vendor-merge workers lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "%-16s %s\n", $$1, $$2}'

demo: $(READY) ## post a demo company's invoices on offline twins, and prove that everything ties
	@$(BIN)/ml-connector demo

demo-console: $(READY) ## four companies after four weeks on the twins, and the web console on them, until Ctrl-C; PORT=8080
	@$(BIN)/ml-connector demo --console --port $(or $(PORT),8080)

test: $(READY) ## run all tests: what is about the database on SQLite and PostgreSQL, the rest on one of them
	@$(BIN)/pytest -n auto --dist worksteal

test-both: $(READY) ## run all tests, each that needs a database on SQLite and on PostgreSQL
	@DATABASES=both $(BIN)/pytest -n auto --dist worksteal

browser-test: $(READY) ## the tests in a real Chromium alone (Debian's package `chromium`)
	@$(BIN)/pytest -n 2 tests/browser

screenshots: $(READY) ## a picture of each screen of the console, into docs/pictures
	@$(BIN)/python bench/screenshots.py

lint: $(READY) ## style, types and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## put the code into the project's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

crash-matrix: $(READY) ## crash before and after every step and lose every answer, on both databases
	@$(BIN)/python bench/crash_matrix.py

crash-stories: $(READY) ## the same for every job and for what people ask of them: each step of each story of the tests, with each fault
	@CRASHES=all $(BIN)/pytest -n auto --dist worksteal -k test_crashes

workers: $(READY) ## three workers on PostgreSQL, one killed in mid-batch, one stopped and woken; SHORT=1 for a sample
	@$(BIN)/python bench/workers.py

outage: $(READY) ## cut a company off for 2 hours, 3 days, 40 days: its copies of QuickBooks afterwards, calls, metered reads
	@$(BIN)/python bench/outage.py

token-storm: $(READY) ## 50 threads and 4 processes on one QuickBooks sign-in for weeks, and every lost answer
	@$(BIN)/python bench/token_storm.py

vendor-merge: $(READY) ## random edits of vendors on both sides, with clock skew and lost messages: both agree in the end; SHORT=1 for a sample
	@$(BIN)/python bench/vendor_merge.py

contract: $(READY) ## the twins and what we send, against the vendors' own specifications
	@PYTHONPATH=bench $(BIN)/python -m contract

contract-own: $(READY) ## our own API, called as its OpenAPI document allows and forbids, as everybody; SHORT=1 for a sample
	@$(BIN)/python bench/own_contract.py

twin-checklist: $(READY) ## every behaviour the twins imitate, with the tests that show it
	@$(BIN)/python bench/twin_checklist.py

twin-reference: $(READY) ## write docs/twins/reference.md anew from what the twins say of themselves
	@PYTHONPATH=bench $(BIN)/python bench/twin_reference.py --write

bench: bench-invoices bench-pages bench-twins bench-webhooks bench-budgets ## every benchmark

bench-budgets: $(READY) ## several processes share a company's request budget: none refused, most of it used; SHORT=1 for a sample
	@$(BIN)/python bench/budgets.py

bench-initial-load: $(READY) ## the first load of a large company: calls, time, peak memory, stopped and begun again; SHORT=1 for a sample
	@$(BIN)/python bench/initial_load.py

bench-twins: $(READY) ## requests a second the twins answer, with large books
	@$(BIN)/python bench/twin_speed.py

bench-pages: $(READY) ## how fast the console's pages are with 100 000 documents and 10 000 vendors; SHORT=1 for a sample
	@$(BIN)/python bench/pages.py

bench-invoices: $(READY) ## 1 000 waiting invoices: calls, documents per second, peak memory
	@$(BIN)/python bench/invoices.py

bench-webhooks: $(READY) ## 500 webhook calls a second: how fast they are answered, and that a kill -9 loses none; SHORT=1 for a sample
	@$(BIN)/python bench/webhooks.py

lock: $(READY) ## resolve the dependencies anew and write requirements.lock
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --no-header --no-emit-project --all-groups --format requirements-txt --output-file requirements.lock

clean: ## remove what the targets made
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist

# uv comes through pip into a corner of the environment, so that a bare machine needs nothing but Python.
$(READY): pyproject.toml requirements.lock
	@test -x $(UV) || { $(PYTHON) -m venv $(VENV)/tools && $(VENV)/tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'; }
	@test -x $(BIN)/python || $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip sync --quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --no-deps --editable .
	@touch $@
