# Everything a contributor types. «make help» lists it.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

# What a generator writes, and nobody else.
GENERATED := graph/generated docs/access examples/partner-go examples/partner-node/src

# Where the race detector counts: all packages in which goroutines meet. It
# makes a run some five times as slow, so what only computes goes without.
RACE_PACKAGES ?= ./...

# How long each fuzz target runs under «make fuzz».
FUZZTIME ?= 30s

# The race detector needs a C compiler; nothing else does. SQLite is C that was
# translated to Go, on memory of its own and behind a lock per connection:
# watching each of its steps finds nothing and takes more than half of the time.
export CGO_ENABLED := 0
RACE := $(if $(shell command -v cc),-race '-gcflags=modernc.org/...=-race=false -d=checkptr=0')

WITH_POSTGRES := go run ./internal/testrig/postgres/with
LINT          := go tool -modfile=lint.mod golangci-lint

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## build and start the demo: five portals, an inbox, GraphiQL
	@go build -o bin/sleutelbos ./cmd/sleutelbos
	@exec bin/sleutelbos demo

.PHONY: test
test: ## everything that must be green, as CI runs it
	@script/setup
	@echo "— generated code is up to date"
	@script/check-generated $(GENERATED)
	@echo "— the schema keeps its promises"
	@script/check-schema
	@echo "— go vet"
	@go vet ./...
	@go -C examples/partner-go vet ./...
	@echo "— golangci-lint"
	@$(MAKE) lint
	@echo "— go test, on SQLite and PostgreSQL"
	@$(WITH_POSTGRES) $(MAKE) race plain

# The suite in two halves; each package is in one of them.
.PHONY: race plain
race:
	@$(if $(RACE),,echo "no C compiler, so no race detector")
	@CGO_ENABLED=$(if $(RACE),1,0) go test -vet=off -timeout 25m $(RACE) $(RACE_PACKAGES)
plain:
	@packages=$$(go list ./... | grep -vxF "$$(go list $(RACE_PACKAGES))" || true); \
	if [ -n "$$packages" ]; then go test -vet=off -timeout 25m $$packages; fi

.PHONY: generate
generate: ## write the generated code anew, after a change to the schema
	go generate ./...

.PHONY: lint
lint: ## what the linter has to say
	@$(LINT) run --allow-parallel-runners
	@linter=$$($(LINT:golangci-lint=-n golangci-lint)) && cd examples/partner-go && $$linter run --allow-parallel-runners

.PHONY: bench
bench: ## measure against floors, ten minutes; BENCH="-only list -db sqlite" for less
	@go run ./internal/bench $(BENCH)

.PHONY: earlier
earlier: ## have the version at REV=… work with today's tables, as an upgrade does
	@script/earlier $(REV)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (30s)
	@FUZZTIME=$(FUZZTIME) script/fuzz

.PHONY: schema
schema: ## write migrations/*/schema.sql anew, after a migration
	@$(WITH_POSTGRES) go test ./internal/store -run TestSchemaSnapshot -count=1 -update

.PHONY: release
release: ## promise the present schema to partners, as the one that was released last
	@script/node-modules script/schema
	@node script/schema/check.mjs --release
