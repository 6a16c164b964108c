# Two commands do everything: `make run` and `make test`. Each installs what it needs first.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
T ?= tests

.PHONY: setup run test check fmt bench screenshots schema clean

setup: $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高版本 (Python 3.11 or later is required)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || ./deploy/install-system venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: setup
	@exec $(BIN)/python manage.py serve --demo --port $(PORT)

test: $(VENV)/.installed-dev
	@./deploy/install-system chromium
	@./deploy/install-system libreoffice
	$(BIN)/pytest -n 2 $(T)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@test -f var/keys || $(BIN)/python -m chishang.core.encryption var/keys
	@test -f var/keys-confidential || $(BIN)/python -m chishang.core.encryption var/keys-confidential
	DEBUG=false KEY_FILE=var/keys CONFIDENTIAL_KEY_FILE=var/keys-confidential SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') ALLOWED_HOSTS=portal.example $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	diff -u docs/openapi.yaml var/openapi.yaml

# Writes the OpenAPI snapshot that `make check` compares with.
schema: $(VENV)/.installed-dev
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

fmt: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.installed-dev
	@./deploy/install-system chromium
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV) staticfiles
