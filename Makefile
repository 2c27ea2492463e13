# make demo   the example group, in a browser        (ARGS=--no-serve to stop before serving)
# make test   the whole test suite                   (ARGS="-k veil" for a part)
# make soak   what takes minutes: killed at every call, ten thousand mutated ledgers
# make bench  our speed beside Beancount's and beangulp's (ARGS=--write for docs/performance.md)
# make mutate the rules with one thing wrong each: which cases notice (by hand; docs/mutation.md)
# make pictures   the pictures of docs/tour.md, of the demo as it is now
# make check  lint, types, import contracts, docs: what CI runs
# make docs   writes what is made from the program: docs/findings.md, rules/schemas/
# make lock   pins versions and hashes again
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/python -m uv
UV_PIN := 0.13.8

.PHONY: demo test soak bench mutate pictures check format docs lock clean

demo: $(VENV)/.runtime
	$(BIN)/books demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto -m slow $(ARGS)

bench: $(VENV)/.dev
	PYTHONPATH=.:tests/bench $(BIN)/python tests/bench/run.py $(ARGS)

# In a copy, because the mutants are files; what was killed there stays known from run to run.
MUTATED := build/mutate
mutate: $(VENV)/.mutate
	mkdir -p $(MUTATED)
	rm -rf $(MUTATED)/tests $(MUTATED)/mutants/tests
	tar -cf - --exclude='*.symlink' --exclude=__pycache__ bulkhead core importers plugins reports \
		rules scripts web tests pyproject.toml | tar -xf - -C $(MUTATED)
	cd $(MUTATED) && nice $(CURDIR)/$(BIN)/mutmut run $(ARGS)
	$(BIN)/python tests/lab/mutants.py $(MUTATED)/mutants

pictures: $(VENV)/.dev
	$(BIN)/python tests/web/pictures.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.runtime
	$(BIN)/python -m scripts.generated

$(VENV)/.uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_PIN)"
	touch $@

# What running the product needs, and nothing more.
$(VENV)/.runtime: $(VENV)/.uv requirements.lock pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	touch $@

$(VENV)/.mutate: $(VENV)/.dev requirements-mutate.lock
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-mutate.lock
	touch $@

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock: $(VENV)/.uv
	$(COMPILE) pyproject.toml requirements-build.in -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) pyproject.toml --group dev --group mutate -c requirements-dev.lock \
		-o requirements-mutate.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
