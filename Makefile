# mpushd: everything is one `make` away. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Debian packages: what the build needs, and what the tests use as peers that are not ours.
BUILD_PACKAGES := pkg-config libssl-dev libsystemd-dev zlib1g-dev libtomlplusplus-dev libsqlite3-dev \
                  libpcre2-dev libmosquitto-dev libnats-dev librdkafka-dev
TEST_PACKAGES  := shellcheck openssl curl python3 systemd dbus libnss-systemd util-linux mount iproute2 \
                  tinyproxy microsocks mosquitto mosquitto-clients nats-server kcat nginx-light jq
# To make the package, and to try it as an administrator would: a balancer, a webhook's server, a monitor.
DEB_PACKAGES   := $(BUILD_PACKAGES) debhelper dpkg-dev fakeroot lintian
TRIAL_PACKAGES := $(TEST_PACKAGES) libnginx-mod-stream haproxy prometheus systemd-journal-remote \
                  man-db mandoc bash-completion zsh fish binutils $(NODE) qtbase5-dev g++
# For the examples of followers: 14 MB of packages for Qt, and none where another node is there.
NODE := $(if $(shell command -v node),,nodejs)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

SWIFT := swift
IMPORT_CHECK := --explicit-target-dependency-import-check error
BUILD_FLAGS := $(IMPORT_CHECK)
# lld and packed relocations (glibc 2.36 and later) make the program 1 MB, and its share of memory 0.7 MiB, smaller; to
# export nothing and fold what is alike, 1.7 MB more; functions in sections of their own, of which unused ones go, 0.6 MB.
RELEASE_FLAGS := -c release -Xswiftc -static-stdlib -Xswiftc -use-ld=lld -Xswiftc -Xfrontend -Xswiftc -function-sections \
                 -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -z -Xlinker now -Xlinker -s \
                 -Xlinker --version-script=$(CURDIR)/Sources/System/exports.map -Xlinker --gc-sections -Xlinker --icf=all
# The tools are made for size: with swift-argument-parser in them they would be too large otherwise.
SMALL_FLAGS   := $(RELEASE_FLAGS) -Xswiftc -Osize --scratch-path .build-small

DEMO_SECONDS ?= 30
FUZZ_SECONDS ?= 60

BRIDGES := mpush-bridge-mqtt mpush-bridge-nats mpush-bridge-kafka

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# install PACKAGES: those that are missing. Services among them are not started, by the policy of the time of the install
# (invoke-rc.d(8)): nobody asked for a broker or a web server.
define install_packages
@missing=$$(for package in $(1); do \
    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q '^install ok installed$$' || echo $$package; done); \
if [ -n "$$missing" ]; then \
    echo "Installing with apt-get:" $$missing; \
    $(SUDO) apt-get update -q && \
    $(SUDO) sh -c 'set -e; policy=/usr/sbin/policy-rc.d; \
        if [ ! -e $$policy ]; then \
            trap "rm -f $$policy" EXIT; trap "exit 130" INT TERM; \
            printf "#!/bin/sh\nexit 101\n" >$$policy; chmod 755 $$policy; \
        fi; \
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$$@"' install $$missing; \
fi
@command -v $(SWIFT) >/dev/null || { echo 'No swift in PATH: install a Swift 6.2 toolchain or later (swift.org/install).'; exit 1; }
endef

.PHONY: setup
setup: ## install the Debian packages that are missing
	$(call install_packages,$(BUILD_PACKAGES) $(TEST_PACKAGES))

.PHONY: build
build: setup ## build the programs for development
	$(SWIFT) build $(BUILD_FLAGS)

.PHONY: release
release: ## build the programs, the manual and the completions as they are installed: static Swift library, stripped
	$(call install_packages,$(BUILD_PACKAGES))
	$(SWIFT) build $(IMPORT_CHECK) $(RELEASE_FLAGS) --product mpushd
	$(SWIFT) build $(IMPORT_CHECK) $(SMALL_FLAGS) --product mpushctl
	$(SWIFT) build $(IMPORT_CHECK) $(SMALL_FLAGS) --product mpush-sim
	$(SWIFT) build $(IMPORT_CHECK) $(SMALL_FLAGS) --product mpush-manual
	for bridge in $(BRIDGES); do \
	    $(SWIFT) build $(IMPORT_CHECK) $(SMALL_FLAGS) -Xlinker --as-needed --product $$bridge || exit; done
	install -d .build/programs
	cd .build-small/release && install mpushctl mpush-sim mpush-manual $(BRIDGES) $(CURDIR)/.build/programs
	install .build/release/mpushd .build/programs
	$(MAKE) --no-print-directory manual

# The manual pages from their templates in PAGES and the help of the programs in PROGRAMS; the completions.
PROGRAMS ?= .build/programs
PAGES := Sources/Tools/mpush-manual/Pages
MANUAL := .build/manual
.PHONY: manual
manual:
	install -d $(MANUAL)
	for program in mpushd $(BRIDGES); do \
	    $(PROGRAMS)/$$program --dump-help >$(MANUAL)/$$program.json || exit; done
	for program in mpushctl mpush-sim; do \
	    $(PROGRAMS)/$$program --experimental-dump-help >$(MANUAL)/$$program.json || exit; done
	for page in mpushd.8 mpushctl.1 mpush-sim.1 $(BRIDGES:=.1); do \
	    $(PROGRAMS)/mpush-manual page $(PAGES)/$$page.in $(MANUAL)/$${page%.*}.json >$(MANUAL)/$$page || exit; done
	$(PROGRAMS)/mpush-manual page $(PAGES)/mpushd.toml.5.in config/mpushd.toml >$(MANUAL)/mpushd.toml.5
	for shell in bash zsh fish; do \
	    $(PROGRAMS)/mpush-manual completion $$shell $(MANUAL)/mpushd.json >$(MANUAL)/mpushd.$$shell || exit; \
	    for program in mpushctl mpush-sim; do \
	        $(PROGRAMS)/$$program --generate-completion-script $$shell >$(MANUAL)/$$program.$$shell || exit; done; done
	sed -i '/^#!/d' $(MANUAL)/*.bash

.PHONY: documents
documents: build ## write docs/metrics.md from the metrics' own help, and docs/mpushd.schema.json from config/mpushd.toml
	.build/debug/mpush-manual metrics >docs/metrics.md
	.build/debug/mpush-manual schema config/mpushd.toml >docs/mpushd.schema.json

PREFIX ?= /usr/local
UNITS ?= $(if $(filter /usr /usr/local,$(PREFIX)),$(PREFIX)/lib,/etc)/systemd/system
DATA = $(DESTDIR)$(PREFIX)/share
# Where routes to brokers look for their programs, whatever the prefix.
BRIDGE_FOLDER := /usr/lib/mpushd
# init and the package compare a configuration with these: small systems do not unpack share/doc.
EXAMPLE_FOLDER = $(DATA)/mpushd
.PHONY: install
install: ## install what `make release` built: DESTDIR= and PREFIX= as usual; a configuration that is there stays
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(UNITS) $(DESTDIR)/etc/mpushd $(DATA)/man/man{1,5,8}
	install -m 755 $(PROGRAMS)/{mpushd,mpushctl,mpush-sim} $(DESTDIR)$(PREFIX)/bin
	install -D -m 644 systemd/mpushd.catalog $(DESTDIR)/usr/lib/systemd/catalog/mpushd.catalog
	install -D -m 644 systemd/mpushd.sysusers $(DESTDIR)/usr/lib/sysusers.d/mpushd.conf
	install -D -m 644 systemd/mpushd.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/mpushd.conf
	for unit in mpushd.service mpushd@.service mpushd.socket mpushd@.socket; do \
	    sed 's|=/usr/bin/mpush|=$(PREFIX)/bin/mpush|' systemd/$$unit >$(DESTDIR)$(UNITS)/$$unit || exit; done
	install -D -m 755 -t $(DESTDIR)$(BRIDGE_FOLDER) $(addprefix $(PROGRAMS)/,$(BRIDGES))
	install -m 644 $(MANUAL)/*.1 $(DATA)/man/man1
	install -m 644 $(MANUAL)/*.5 $(DATA)/man/man5
	install -m 644 $(MANUAL)/*.8 $(DATA)/man/man8
	for program in mpushd mpushctl mpush-sim; do \
	    install -D -m 644 $(MANUAL)/$$program.bash $(DATA)/bash-completion/completions/$$program && \
	    install -D -m 644 $(MANUAL)/$$program.zsh $(DATA)/zsh/vendor-completions/_$$program && \
	    install -D -m 644 $(MANUAL)/$$program.fish $(DATA)/fish/vendor_completions.d/$$program.fish || exit; done
	install -D -m 644 -t $(DATA)/doc/mpushd config/openapi.json README.md
	install -D -m 644 -t $(DATA)/doc/mpushd/docs $(wildcard docs/*.md docs/*.json)
	test ! -e $(SBOM) || install -m 644 $(SBOM) $(DATA)/doc/mpushd
	install -D -m 644 -t $(EXAMPLE_FOLDER) config/mpushd.toml config/mpushd.minimal.toml
	install -D -m 644 -t $(DATA)/doc/mpushd/examples systemd/examples/* $(wildcard config/examples/*)
	ln -sf ../../../mpushd/{mpushd.toml,mpushd.minimal.toml} $(DATA)/doc/mpushd/examples
	new=; test -e $(DESTDIR)/etc/mpushd/mpushd.toml || { new=yes; \
	    install -m 640 config/mpushd.minimal.toml $(DESTDIR)/etc/mpushd/mpushd.toml; }; \
	if [ -z "$(DESTDIR)" ]; then systemd-sysusers mpushd.conf; \
	    test -z "$$new" || chgrp mpush /etc/mpushd/mpushd.toml; systemd-tmpfiles --create mpushd.conf; \
	    systemctl daemon-reload; journalctl --update-catalog; fi

.PHONY: uninstall
uninstall: ## remove what `make install` installed; configuration and messages stay
	rm -f $(DESTDIR)$(PREFIX)/bin/{mpushd,mpushctl,mpush-sim} $(addprefix $(DESTDIR)$(BRIDGE_FOLDER)/,$(BRIDGES)) $(DESTDIR)/usr/lib/systemd/catalog/mpushd.catalog \
	    $(DESTDIR)/usr/lib/sysusers.d/mpushd.conf $(DESTDIR)/usr/lib/tmpfiles.d/mpushd.conf \
	    $(DESTDIR)$(UNITS)/{mpushd.service,mpushd@.service,mpushd.socket,mpushd@.socket} \
	    $(addprefix $(DATA)/man/man1/,mpushctl.1 mpush-sim.1 $(BRIDGES:=.1)) $(DATA)/man/man5/mpushd.toml.5 $(DATA)/man/man8/mpushd.8 \
	    $(DATA)/bash-completion/completions/{mpushd,mpushctl,mpush-sim} \
	    $(DATA)/zsh/vendor-completions/_{mpushd,mpushctl,mpush-sim} \
	    $(DATA)/fish/vendor_completions.d/{mpushd,mpushctl,mpush-sim}.fish
	rm -rf $(DATA)/doc/mpushd $(EXAMPLE_FOLDER)

VERSION := $(shell sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Core/MPushModel/ProgramVersion.swift)
DAY := $(shell sed -n 's/.*day = "\(.*\)"/\1/p' Sources/Core/MPushModel/ProgramVersion.swift)
SBOM := .build/programs/mpushd.spdx.json
.PHONY: sbom
sbom: ## write what the package contains (SPDX 2.3), from the programs that `make release` built
	debian/sbom --version $(VERSION) --created $(DAY)T00:00:00Z \
	    $(PROGRAMS)/mpushd=.build/release/mpushd.product/Objects.LinkFileList \
	    $(PROGRAMS)/mpushctl=.build-small/release/mpushctl.product/Objects.LinkFileList \
	    $(PROGRAMS)/mpush-sim=.build-small/release/mpush-sim.product/Objects.LinkFileList \
	    $(foreach bridge,$(BRIDGES),$(PROGRAMS)/$(bridge)=.build-small/release/$(bridge).product/Objects.LinkFileList) >$(SBOM).new
	mv $(SBOM).new $(SBOM)
	@echo "$(SBOM)"

.PHONY: deb
deb: ## make the Debian package, in .build/deb
	$(call install_packages,$(DEB_PACKAGES))
	install -d .build/deb
	rm -f .build/deb/*
	DEB_DESTINATION=.build/deb dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo \
	    --buildinfo-file=.build/deb/mpushd.buildinfo --buildinfo-option=-u.build/deb \
	    --changes-file=.build/deb/mpushd.changes --changes-option=-u.build/deb
	lintian --fail-on error,warning --tag-display-limit 0 .build/deb/mpushd.changes
	@ls .build/deb/*.deb

.PHONY: run
run: build ## watch daemon and simulator together, until Ctrl-C
	@.build/debug/mpush-sim demo --mpushd .build/debug/mpushd

.PHONY: try
try: build ## try it yourself: a server, the daemon and a route in one terminal, with each next step
	@.build/debug/mpush-sim try

.PHONY: test
test: setup lint unittest demotest crashminute simulateminute systemdtest ## all that is fast: lint, tests, the demo, the simulated world, the daemon under a real systemd

.PHONY: lint
lint: setup ## format and shell scripts, strictly; and whether the patches of the mutants apply
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift
	shellcheck .ci/run $$(find Tests -name '*.sh')
	for patch in $(SIMULATION)/mutants/*.patch; do git apply --check "$$patch" || exit 1; done

.PHONY: unittest
unittest: setup ## the tests of each part, of TEST_TARGETS or all; warnings are errors, imports are checked
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	Tests/unit.sh .build/debug/mpushdPackageTests.xctest $(TEST_TARGETS)

.PHONY: demotest
demotest: build ## the demo for a while; fails when anything in it did not happen
	.build/debug/mpush-sim demo --mpushd .build/debug/mpushd --for $(DEMO_SECONDS)s

# The daemon is killed with SIGKILL at random moments while messages are pushed to it; none that was acknowledged may be
# missing afterwards.
CRASH_KILLS ?= 3000
# Of each bridge. What Kafka has got is read meanwhile, since its played cluster keeps 5 MiB of a partition.
BRIDGE_KILLS ?= 300

.PHONY: crashminute
crashminute: build ## 300 kills at random moments, in about a minute
	.build/debug/mpush-crashtest .build/debug/mpushd 300

.PHONY: bridgetest
bridgetest: build ## BRIDGE_KILLS kills of each bridge at random moments, beside real brokers
	.build/debug/mpush-crashtest --bridges .build/debug Tests/Package/brokers.py .build/debug/mpushd $(BRIDGE_KILLS)

.PHONY: crashtest
crashtest: build ## CRASH_KILLS kills at random moments
	.build/debug/mpush-crashtest .build/debug/mpushd $(CRASH_KILLS)

# The whole daemon in simulated worlds, each made of a seed: Tests/Simulation.
SEEDS ?= 1-100
DAYS ?= 1
SIMULATION := Tests/Simulation
KIND ?= mixed
SIMULATE := --jobs 2 --days $(DAYS) --kind $(KIND)

.PHONY: simulateminute
simulateminute: build ## worlds that failed once, and others, for a minute
	.build/debug/mpush-world --jobs 2 --seeds 1-8 --for 30 \
	    --corpus $(SIMULATION)/seeds.txt --known $(SIMULATION)/known-failings.txt

.PHONY: simulate
simulate: setup ## worlds of the seeds SEEDS=, with DAYS= of trouble each; KIND=dense, calm, cuts or kills; SEED= for one, and what happened in it
	$(SWIFT) build $(IMPORT_CHECK) -c release --scratch-path .build-world --product mpush-world
	.build-world/release/mpush-world $(if $(SEED),--seed $(SEED) --days $(DAYS) --kind $(KIND) --trace,$(SIMULATE) --seeds $(SEEDS) \
	    --corpus $(SIMULATION)/seeds.txt --known $(SIMULATION)/known-failings.txt)

# Faults brought back on purpose, one at a time: the simulated world has to find each.
.PHONY: mutants
mutants: setup ## bring back each fault of Tests/Simulation/mutants, and look how soon the simulated world finds it; MUTANTS= for some
	SWIFT=$(SWIFT) $(SIMULATION)/mutants/run.sh $(MUTANTS)

.PHONY: systemdtest
systemdtest: build ## the daemon under a real systemd, in a sandbox; skipped with a reason where that is not allowed
	@Tests/Systemd/run.sh .build/debug/mpushd .build/debug/mpush-sim; status=$$?; \
	if [ $$status -eq 77 ]; then echo 'SKIPPED: the tests under systemd (see the reason above)'; \
	else exit $$status; fi

# Networks that change, in network namespaces: Tests/Field.
.PHONY: fieldtest
fieldtest: build ## the daemon on networks that change; skipped with a reason where network namespaces are not allowed
	@Tests/Field/run.sh .build/debug/mpushd .build/debug/mpushctl .build/debug/mpush-sim; status=$$?; \
	if [ $$status -eq 77 ]; then echo 'SKIPPED: the tests of networks that change (see the reason above)'; \
	else exit $$status; fi

# Each part in a sandbox of its own.
.PHONY: packagetest
packagetest: deb ## the package as an administrator has it, under a real systemd; skipped with a reason where that is not allowed
	$(call install_packages,$(TRIAL_PACKAGES))
	@Tests/Systemd/run.sh .build/deb/mpushd_*.deb .build/programs/mpush-sim Tests/Package/{life,documents,operator,fleet,followers,bridge}.sh \
	    Tests/Systemd/{in-sandbox,units}.sh; status=$$?; \
	if [ $$status -eq 77 ]; then echo 'SKIPPED: the tests of the package (see the reason above)'; \
	else exit $$status; fi

.PHONY: sanitize
sanitize: setup ## the tests under the address and the thread sanitizer; SANITIZERS=address for one of them
	Tests/sanitize.sh $(SANITIZERS)

.PHONY: fuzz
fuzz: setup ## fuzz what takes bytes from outside: FUZZ_SECONDS for each of FUZZ_TARGETS, or of all
	Tests/Fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: bench
bench: setup ## measure memory, wake-ups, throughput and reconnects
	SWIFT=$(SWIFT) Tests/Benchmarks/run.sh $(IMPORT_CHECK) $(RELEASE_FLAGS)

.PHONY: clean
clean: ## remove what was built
	rm -rf .build .build-* debian/.debhelper debian/debhelper-build-stamp debian/files debian/mpushd \
	    $(addprefix debian/,$(BRIDGES)) debian/mpush-sim \
	    debian/*.substvars debian/*.debhelper
