# make demo · make test     the newcomer's two; they need Python 3.11+ (with venv) and nothing else
# make check · make bench   the maintainer's
PYTHON ?= python3
VENV ?= .venv
# Of the tests, which mostly wait.
WORKERS ?= 3
RUN = $(VENV)/bin/python
PIP = $(VENV)/bin/pip --disable-pip-version-check --quiet

.PHONY: demo run test check bench lock translations clean

demo: $(VENV)/.ready
	$(RUN) -m demo $(ARGS)

run: $(VENV)/.ready
	$(VENV)/bin/storebridge up $(ARGS)

test: $(VENV)/.ready-dev
	$(RUN) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: $(VENV)/.ready-dev
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check --quiet
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.ready-dev
	$(RUN) -m tests.benchmarks $(ARGS)

# Pins and hashes of everything, from the ranges in setup.cfg.
lock: $(VENV)/.ready-dev
	$(VENV)/bin/uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-annotate --no-header \
	    --upgrade --extra simulators --extra build setup.cfg -o requirements.lock
	$(VENV)/bin/uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-annotate --no-header \
	    --extra dev setup.cfg -c requirements.lock -o requirements-dev.lock

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Storebridge needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock setup.cfg | $(VENV)/bin/python
	@echo "Installing what Storebridge needs into $(VENV) (once, about a minute) …"
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock setup.cfg | $(VENV)/bin/python
	@echo "Installing what the tests need into $(VENV) (once, about a minute) …"
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.ready

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
