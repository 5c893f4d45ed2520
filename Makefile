# On a fresh machine with Python 3.11 or later and git: `make demo` shows the program, `make test` proves it.
# Every target sets up first what it needs, in .venv; that is done again only when the lock has changed.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PYTEST_WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo demo-engine test setup check format format-check lint types contracts lock screenshots wheel bench clean
.DEFAULT_GOAL := demo

demo: $(READY)
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/trashclaw --demo; else $(BIN)/trashclaw --demo --batch; fi

# The same job without a script: llama.cpp's own server in a child process, with the tiny model that the tests use.
demo-engine: $(READY)
	@$(BIN)/python -m tests.support.tinymodel.demo

test: $(READY)
	@$(BIN)/pytest -q -n $(PYTEST_WORKERS) --dist worksteal

setup: $(READY)

check: format-check lint types contracts test

format: $(READY)
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

format-check: $(READY)
	@$(BIN)/ruff format -q --check .

lint: $(READY)
	@$(BIN)/ruff check -q .

types: $(READY)
	@$(BIN)/mypy --no-error-summary

contracts: $(READY)
	@$(BIN)/lint-imports

# Why there are two locks and one of them stays here: docs/adr/0001-lock-without-hosts.md
lock: $(READY)
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv lock -q
	@$(BIN)/uv export -q --frozen --all-extras --all-groups --no-emit-project --no-header --no-annotate \
		-o requirements.lock >/dev/null

screenshots: $(READY)
	@$(BIN)/python -m screenshots

wheel: $(READY)
	@$(BIN)/python -m hatchling build -t wheel

bench: $(READY)
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements.lock
	@test -x $(BIN)/pip || { \
		for candidate in python3.13 python3.12 python3.11 python3 python; do \
			if $$candidate -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				echo "Setting up in $(VENV) with $$($$candidate --version)"; \
				exec $$candidate -m venv $(VENV); \
			fi; \
		done; \
		echo "No Python 3.11 or later with its venv module was found." >&2; \
		echo "Install it; on Debian and Ubuntu that is the package python3-venv." >&2; \
		exit 1; \
	}
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
