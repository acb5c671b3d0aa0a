# One door for everything. Needs only Python 3.11 or newer and make; `make` alone lists the targets.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv/bin/python

# What `make run` prints as the site's address.
demo run: export LMS_BASE_URL ?= http://$(HOST):$(PORT)

.DEFAULT_GOAL := help
.PHONY: help setup not-real run demo site test test-fast lint types format messages bench

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## build .venv with the pinned packages; nothing happens if that is done
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@$(PYTHON) .ci/setup_venv.py

demo: setup not-real  ## bring the database up to date and load the course and the demo people
	@$(VENV) manage.py migrate --noinput --verbosity 0
	@$(VENV) manage.py messages compile
	@$(VENV) manage.py load_curriculum
	@$(VENV) manage.py load_demo

# A site that `make site` made is no place for invented people.
not-real:
	@test ! -e .env || { echo "This folder holds a site for real people (.env): see docs/operate.md." >&2; exit 1; }

run: demo  ## run web and worker, with the course and demo people, on HOST:PORT (127.0.0.1:8000)
	@$(VENV) manage.py run $(HOST):$(PORT)

site: setup  ## make an empty site for real people: asks, or ARGS="--hosts ... --data ..."
	@$(VENV) manage.py make_site $(ARGS)

test: setup  ## all checks, tests on SQLite and PostgreSQL, browser tests
	@$(VENV) .ci/test.py

test-fast: setup  ## all checks, tests on SQLite
	@$(VENV) .ci/test.py lint types migrations messages sqlite

lint: setup  ## ruff, djlint, import-linter
	@$(VENV) .ci/test.py lint

types: setup  ## mypy
	@$(VENV) .ci/test.py types

format: setup  ## put Python into ruff's form
	@$(VENV) -m ruff check --fix --quiet .
	@$(VENV) -m ruff format .

messages: setup  ## put new messages into the catalogues, and compile them
	@$(VENV) manage.py messages extract
	@$(VENV) manage.py messages compile

bench: setup  ## measure pages on SQLite and PostgreSQL against a bare view
	@$(VENV) .ci/postgresql.py --durable $(VENV) -m benchmarks
