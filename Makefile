# make run   the demo county on http://127.0.0.1:8501
# make test  everything CI runs
# make lint  formatting, lint, types
# make tour  docs/tour.md and its pictures, by walking through a fresh demo county
# make bench the benchmarks of benchmarks/
# make soak  thirty staff at once on a large county, by hand

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
DEMO := sqlite:///var/demo.db
ENV_MARK := $(VENV)/.installed
DEV_MARK := $(VENV)/.installed-dev
# what is never imported is never compiled: of 11,000 files a run takes some thousand
PIP := --quiet --disable-pip-version-check --no-compile
# where an environment forbids it, each of a run's hundred processes would compile them anew
unexport PYTHONDONTWRITEBYTECODE
BY_HAND := benchmarks/soak.py benchmarks/large_county.py

.PHONY: run test lint types tour bench soak check-test-packages clean-demo

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "missing system package: python3 (Debian: apt install python3 python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "missing system package: python3-venv (Debian: apt install python3-venv)"; exit 1; }
	@echo "creating the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(ENV_MARK): $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "installing what is locked (a few minutes the first time)"
	@$(BIN)/python -m pip install $(PIP) --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_MARK): $(ENV_MARK) requirements-dev.lock
	@echo "installing the tools for tests"
	@$(BIN)/python -m pip install $(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

var/demo.db: | $(ENV_MARK)
	@mkdir -p var
	@$(BIN)/zaojie demo --database sqlite:///var/demo.db.new
	@mv var/demo.db.new var/demo.db

run: $(ENV_MARK) var/demo.db
	@$(BIN)/zaojie serve --database $(DEMO)

clean-demo:
	@rm -f var/demo.db var/demo.db-wal var/demo.db-shm var/demo.db.new*

check-test-packages:
	@command -v chromium >/dev/null || { echo "missing system package: chromium (Debian: apt install chromium fonts-noto-cjk)"; exit 1; }
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ -n "$$ZAOJIE_TEST_POSTGRES" ] || { echo "missing system package: postgresql (Debian: apt install postgresql)"; exit 1; }

test: check-test-packages $(DEV_MARK) lint
	@$(BIN)/pytest -q --no-skips -n 2 --dist loadscope --no-loadscope-reorder

lint: $(DEV_MARK)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

# also var/tour/index.html, with the pictures of all steps
tour: check-test-packages $(DEV_MARK)
	@$(BIN)/python -m tests.browser.journeys.tour

# an office of thirty and the rush at 17:00 on a large county: made once in var/bench, 20 minutes
soak: $(DEV_MARK)
	@$(BIN)/python benchmarks/soak.py

bench: $(DEV_MARK)
	@for file in $(filter-out $(BY_HAND),$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file || exit 1; done
