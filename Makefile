# What one does with this repository. `make` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Its tests need database servers, and only they its drivers.
DATABASES_TEST := fence/sqlfence/serverstest

# Every other module of the repository; tools/ pins programs and has no packages.
MODULES := $(filter-out tools $(DATABASES_TEST),$(patsubst ./%,%,$(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path './.*/*' | sort))))

# Its tests need a browser, so they have a target of their own.
PAGE_TEST := internal/sim/page/browsertest
TESTED := $(filter-out $(PAGE_TEST),$(MODULES))

STATICCHECK := go tool -modfile=$(CURDIR)/tools/go.mod staticcheck

# in-modules runs a command in each module, or in those named after it, and
# fails at the end if one failed.
define in-modules
failed=0; \
for module in $(or $(2),$(MODULES)); do \
	echo "--- $$module: $(strip $(1))"; \
	(cd "$$module" && $(1)) || failed=1; \
done; \
exit $$failed
endef

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: quickstart
quickstart: ## watch members take over from one another, with nothing but Go
	@go run ./examples/quickstart

# Three packages at a time: most of them wait for servers.
.PHONY: demo
demo: ## break members yourself, in a browser
	@go run ./cmd/sim demo

.PHONY: test
test: redis ## run every test, with the race detector and a real Redis
	@$(call in-modules,go test -race -count=1 -p=3 -timeout=15m ./...,$(TESTED))
	@echo "--- .: go test ./internal/sim, without the race detector"
	@go test -count=1 -timeout=15m ./internal/sim

.PHONY: test-long
test-long: export STREAMLEASE_TEST_SIZE := long
test-long: redis ## the same tests at larger sizes; takes long
	@$(call in-modules,go test -race -count=1 -timeout=2h ./...,$(TESTED))
	@go test -count=1 -timeout=2h ./internal/sim

.PHONY: test-page
test-page: ## look at the simulator's pages in a headless Chromium; SCREENSHOTS=folder keeps pictures
	@.ci/install-chromium
	@cd $(PAGE_TEST) && go test -race -count=1 -timeout=30m ./...

.PHONY: test-databases
test-databases: ## test the SQL fences on PostgreSQL and MariaDB, which must be installed; their servers are started and stopped
	@cd $(DATABASES_TEST) && go mod tidy -diff && go vet ./... && $(STATICCHECK) ./... && go test -race -count=1 -timeout=30m ./...

.PHONY: chaos
chaos: export CHAOS_DURATION ?= 10m
chaos: redis ## everything that goes wrong, at random; CHAOS_DURATION=1h CHAOS_SEED=7
	@go test -race -count=1 -timeout=0 -v -run='^TestChaos$$' ./failures

# How long sim-search goes on; SIM_FLAGS are those of sim search, or sim matrix.
SIM_TIME ?= 1h
SIM_SEED ?= 1

.PHONY: sim-search
sim-search: ## run worlds drawn from seeds until one breaks; SIM_TIME=1h SIM_SEED=1 SIM_FLAGS=--lease=redsync
	@go run ./cmd/sim search --for=$(SIM_TIME) --seed=$(SIM_SEED) --grid $(SIM_FLAGS)

.PHONY: sim-matrix
sim-matrix: ## run every scenario on every combination with a hundred seeds; SIM_FLAGS=--markdown
	@go run ./cmd/sim matrix --seeds=100 --seed=$(SIM_SEED) $(SIM_FLAGS)

.PHONY: compatibility
compatibility: redis ## run clients over every kind of server and write docs/compatibility.md; REDIS_SERVER=path for another server
	@go test -count=1 -timeout=30m -run='^(TestEveryKindOfServer|TestEachPortNeeds)' ./internal/combinations -rewrite

.PHONY: redis
redis:
	@.ci/install-redis

# BENCH_FLAGS are those of the program: -only='growth', -runs=1, -raw. With
# -samples=FILE what is in the file stands in the document too, so that a run can
# be continued, or a few rows be measured again.
.PHONY: bench
bench: redis ## measure every store beside a baseline and write docs/benchmarks.md; 25 minutes
	@cd bench && go run . -document=../docs/benchmarks.md $(BENCH_FLAGS)

.PHONY: bench-million
bench-million: redis ## hold a million streams, three times, and kill one of four members; ten minutes
	@cd bench && go run . -million -raw $(BENCH_FLAGS)

.PHONY: bench-code
bench-code: redis ## run the benchmarks of single functions; BENCH_COUNT=10 for benchstat
	@$(call in-modules,go test -run='^$$' -bench=. -benchmem -count=$(or $(BENCH_COUNT),1) -timeout=30m ./...,$(TESTED))

# How long each fuzz target runs, as go test -fuzztime has it.
FUZZ_TIME ?= 1000000x
FUZZ_WORKERS ?= 2

# The fuzz targets by package.
define FUZZ_TARGETS
./core FuzzParseStreamRef
./core FuzzStreamRef
./core FuzzInfo
./core FuzzParseGrantID
./adapters/internal/conn FuzzServerInfo
./adapters/internal/conn FuzzLayout
./adapters/internal/conn FuzzRightsReply
./adapters/internal/conn FuzzServerError
./adapters/internal/conn FuzzItemsReply
./adapters/internal/hints FuzzMessage
./adapters/internal/hints FuzzHint
./adapters/internal/hints FuzzSightReply
./adapters/internal/lockindex FuzzAcquiringReply
./adapters/internal/lockindex FuzzKeepingReply
./adapters/internal/lockindex FuzzHoldingReply
./adapters/internal/lockindex FuzzLapsedReply
./adapters/goredis/internal/checkpoints FuzzReply
./adapters/goredis/internal/notify FuzzLostSession
./adapters/goredis/internal/source FuzzPayload
./adapters/goredis/internal/source FuzzAnnounce
./adapters/goredis/internal/source FuzzMessageID
./adapters/goredis/internal/source FuzzFetchReply
./adapters/goredis/internal/source FuzzDeliveriesReply
./adapters/goredis/internal/source FuzzSweepReply
./adapters/goredis/internal/source FuzzHeartbeatReply
./adapters/goredis/internal/source FuzzTakeReply
./adapters/goredis/internal/source FuzzTakeReplyAgain
./adapters/goredis/internal/source FuzzSettleReply
./adapters/goredis/internal/leases FuzzAcquireReply
./adapters/goredis/internal/leases FuzzRenewReply
./adapters/goredis/internal/leases FuzzLeasesReply
./adapters/goredis/internal/leases FuzzReleaseReply
./adapters/goredis/internal/leases FuzzInspectReply
endef
export FUZZ_TARGETS

.PHONY: fuzz
fuzz: ## feed every parser FUZZ_TIME hostile inputs (1000000x, or a time like 30s)
	@while read -r package target; do \
		echo "--- $$package $$target"; \
		go test -run='^$$' -fuzz="^$$target$$" -fuzztime=$(FUZZ_TIME) -fuzzminimizetime=10x -parallel=$(FUZZ_WORKERS) "$$package" </dev/null; \
	done <<<"$$FUZZ_TARGETS"

.PHONY: generate
generate: ## write the generated code again
	@$(call in-modules,go generate ./...)

.PHONY: check
check: check-format check-vet check-static check-generated check-modules ## everything that needs no test to be seen

.PHONY: check-format
check-format:
	@echo "--- gofmt -l ."
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted" >&2; exit 1; fi

.PHONY: check-vet
check-vet:
	@$(call in-modules,go vet ./...)

.PHONY: check-static
check-static:
	@$(call in-modules,$(STATICCHECK) ./...)

.PHONY: check-generated
check-generated:
	@.ci/check-generated $(MODULES)

.PHONY: check-modules
check-modules:
	@$(call in-modules,go mod tidy -diff)
	@echo "--- tools: go mod tidy -diff" && cd tools && go mod tidy -diff
