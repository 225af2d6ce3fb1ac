# mpushd: everything is one `make` away. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Debian packages: what the build needs, and what the tests use as peers that are not ours.
BUILD_PACKAGES := pkg-config libssl-dev libsystemd-dev zlib1g-dev libtomlplusplus-dev libsqlite3-dev \
                  libpcre2-dev
TEST_PACKAGES  := shellcheck openssl curl python3 systemd dbus libnss-systemd util-linux mount
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

SWIFT := swift
IMPORT_CHECK := --explicit-target-dependency-import-check error
BUILD_FLAGS := $(IMPORT_CHECK)
# lld and packed relocations (glibc 2.36 and later) make the program 1 MB, and its share of memory 0.7 MiB, smaller.
RELEASE_FLAGS := -c release -Xswiftc -static-stdlib -Xswiftc -use-ld=lld \
                 -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -z -Xlinker now -Xlinker -s

DEMO_SECONDS ?= 30
FUZZ_SECONDS ?= 60

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## install the Debian packages that are missing
	@missing=$$(for package in $(BUILD_PACKAGES) $(TEST_PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q '^install ok installed$$' || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	    echo "Installing with apt-get:" $$missing; \
	    $(SUDO) apt-get update -q && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	fi
	@command -v $(SWIFT) >/dev/null || { echo 'No swift in PATH: install a Swift 6.2 toolchain or later (swift.org/install).'; exit 1; }

.PHONY: build
build: setup ## build the programs for development
	$(SWIFT) build $(BUILD_FLAGS)

.PHONY: release
release: setup ## build the programs as they are installed: static Swift library, stripped
	$(SWIFT) build $(IMPORT_CHECK) $(RELEASE_FLAGS) --product mpushd
	$(SWIFT) build $(IMPORT_CHECK) $(RELEASE_FLAGS) --product mpushctl
	$(SWIFT) build $(IMPORT_CHECK) $(RELEASE_FLAGS) --product mpush-sim

PREFIX ?= /usr
.PHONY: install
install: ## install what `make release` built: DESTDIR= and PREFIX= as usual; a configuration that is there stays
	install -D -m 755 .build/release/mpushd $(DESTDIR)$(PREFIX)/bin/mpushd
	install -D -m 755 .build/release/mpushctl $(DESTDIR)$(PREFIX)/bin/mpushctl
	install -D -m 755 .build/release/mpush-sim $(DESTDIR)$(PREFIX)/bin/mpush-sim
	install -D -m 644 systemd/mpushd.catalog $(DESTDIR)/usr/lib/systemd/catalog/mpushd.catalog
	install -D -m 644 systemd/mpushd.sysusers $(DESTDIR)/usr/lib/sysusers.d/mpushd.conf
	install -D -m 644 config/openapi.json $(DESTDIR)$(PREFIX)/share/doc/mpushd/openapi.json
	install -d $(DESTDIR)/lib/systemd/system $(DESTDIR)/etc/mpushd
	sed 's|/usr/bin/mpushd|$(PREFIX)/bin/mpushd|' systemd/mpushd.service >$(DESTDIR)/lib/systemd/system/mpushd.service
	install -m 644 systemd/mpushd.socket $(DESTDIR)/lib/systemd/system/mpushd.socket
	test -e $(DESTDIR)/etc/mpushd/mpushd.toml || install -m 644 config/mpushd.toml $(DESTDIR)/etc/mpushd/mpushd.toml
	if [ -z "$(DESTDIR)" ]; then systemd-sysusers mpushd.conf; systemctl daemon-reload; journalctl --update-catalog; fi

.PHONY: run
run: build ## watch daemon and simulator together, until Ctrl-C
	@.build/debug/mpush-sim demo --mpushd .build/debug/mpushd

.PHONY: test
test: setup lint unittest demotest crashminute systemdtest ## all that is fast: lint, tests, the demo, the daemon under a real systemd

.PHONY: lint
lint: setup ## format and shell scripts, strictly
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift
	shellcheck .ci/run $$(find Tests -name '*.sh')

# One after the other: all at once, as is the default, 900 tests with real processes starve each other on two cores, and
# those that watch a time-out fail now and then. It takes a minute longer.
.PHONY: unittest
unittest: setup ## the tests of swift test; warnings are errors, imports are checked
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build --no-parallel $(BUILD_FLAGS)

.PHONY: demotest
demotest: build ## the demo for a while; fails when anything in it did not happen
	.build/debug/mpush-sim demo --mpushd .build/debug/mpushd --for $(DEMO_SECONDS)s

# The daemon is killed with SIGKILL at random moments while messages are pushed to it; none that was acknowledged may be
# missing afterwards.
CRASH_KILLS ?= 3000

.PHONY: crashminute
crashminute: build ## 300 kills at random moments, in about a minute
	.build/debug/mpush-crashtest .build/debug/mpushd 300

.PHONY: crashtest
crashtest: build ## CRASH_KILLS kills at random moments
	.build/debug/mpush-crashtest .build/debug/mpushd $(CRASH_KILLS)

.PHONY: systemdtest
systemdtest: build ## the daemon under a real systemd, in a sandbox; skipped with a reason where that is not allowed
	@Tests/Systemd/run.sh .build/debug/mpushd .build/debug/mpush-sim; status=$$?; \
	if [ $$status -eq 77 ]; then echo 'SKIPPED: the tests under systemd (see the reason above)'; \
	else exit $$status; fi

.PHONY: sanitize
sanitize: setup ## the tests under the thread and the address sanitizer
	Tests/sanitize.sh

.PHONY: fuzz
fuzz: setup ## both fuzzers, FUZZ_SECONDS each
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

.PHONY: bench
bench: setup ## measure memory, wake-ups, throughput and reconnects
	SWIFT=$(SWIFT) Tests/Benchmarks/run.sh $(IMPORT_CHECK) $(RELEASE_FLAGS)

.PHONY: clean
clean: ## remove what was built
	rm -rf .build .build-*
