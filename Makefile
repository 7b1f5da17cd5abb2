# `make` alone lists the commands. Everything is set up in .venv; nothing outside this folder is touched.
PYTHON ?= python3.11
RUN := .venv/bin/python
PYTEST := $(RUN) -m pytest --numprocesses 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo run quick test sweep lint bench load docs

help: ## List the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/ready ## Serve a believable region at http://localhost:8501
	$(RUN) -m dashboard demo

run: .venv/ready ## Serve your own database (DATABASE_URL, else var/chenxi.db); NEW=1 begins one
	$(RUN) -m dashboard run $(if $(NEW),--new)

quick: .venv/ready-to-test ## Test without browser, PostgreSQL and whatever is slow (some 3 minutes on 2 cores)
	$(PYTEST) -m "not browser and not postgres and not slow"

test: .venv/ready-to-test ## Run every test, of the long checks a sample (some 13 minutes on 2 cores)
	$(PYTEST)

sweep: .venv/ready-to-test ## Run every test at full length; begun again, it goes on (hours; SEED=… for another sample)
	SWEEP=1 $(PYTEST)
	$(RUN) -m tests.mutants

lint: .venv/ready-to-test ## Check style, formatting and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m ty check

bench: .venv/ready-to-test ## Measure against the peers, write docs/benchmarks.md
	$(RUN) -m benchmarks

load: .venv/ready-to-test ## Measure the server under load on a region-year, write docs/load.md (some 18 minutes)
	$(RUN) -m benchmarks.load

docs: .venv/ready-to-test ## Write docs/metrics.md, docs/rights.md and the pictures
	$(RUN) -m docs.metrics
	$(RUN) -m docs.rights
	$(RUN) -m docs.pictures

.venv/ready: requirements.txt
	test -x $(RUN) || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/ready-to-test: .venv/ready requirements-dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
