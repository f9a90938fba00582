# make run: the five models on the bundled table, to a leaderboard. make test: the tests.
# Both set up .venv by themselves; nothing is installed outside it.
PYTHONS := python3 python3.13 python3.12 python3.11
PYTHON ?= $(shell for p in $(PYTHONS); do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
LOCK ?= requirements.lock

.PHONY: run test docs pictures fuzz faults lock
run: .venv/ready
	$(BIN)/python -m dge_experiments experiment=benchmark

test: .venv/ready
	$(BIN)/python -m pytest

# The site, in site/: open site/index.html. It runs the tour and two examples, about three minutes.
docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# The pictures of README and docs/, from real runs; needs chromium and chromedriver
pictures: .venv/ready
	$(BIN)/python docs/pictures.py

lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra docs --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o $(LOCK)

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "dge_experiments needs Python 3.11, 3.12 or 3.13: none of $(PYTHONS) is one" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

fuzz: .venv/ready
	DGE_DRAWS=300 $(BIN)/python -m pytest tests/test_options.py

# The long forms of the fault tests: an hour and more; docs/reliability.md
faults: .venv/ready
	DGE_FAULTS=1 $(BIN)/python -m pytest -o timeout=0 tests/faults tests/test_usable.py tests/tracking/test_end.py tests/settings/test_values.py
