# Two commands matter: `make demo` and `make test`. Each sets itself up in .venv.
# `make semgrep` adds what gates with `check: code` ask; nothing else needs it.
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run-installed
DEV_STAMP := .venv/.dev-installed
SEMGREP := .venv/semgrep

.PHONY: install semgrep demo test check bench docs lock clean

install: $(RUN_STAMP)

semgrep: $(SEMGREP)/.installed

demo: $(RUN_STAMP)
	$(BIN)/fairlead demo $(if $(CRASH),--crash) $(if $(JSON),--json-to "$(JSON)")

test: $(DEV_STAMP)
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --failed-to .failed-tests || \
		$(BIN)/python tests/second_look.py .failed-tests

check: $(DEV_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_house.py

bench: $(DEV_STAMP)
	$(BIN)/python bench/$(NAME).py

docs: $(RUN_STAMP)
	$(BIN)/python -m fairlead.release.spec.reference > docs/configuration.md

# Run where packages can be resolved; writes hashes, never addresses.
lock: $(DEV_STAMP)
	$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --universal requirements/run.in -o requirements/run.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --universal requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --universal requirements/semgrep.in -o requirements/semgrep.txt

$(RUN_STAMP): requirements/run.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# Its own environment: semgrep pins packages that Fairlead has in other versions.
$(SEMGREP)/.installed: requirements/semgrep.txt $(RUN_STAMP)
	$(PYTHON) -m venv --clear $(SEMGREP)
	$(SEMGREP)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/semgrep.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis
