# Everything that a developer or CI runs. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export PATH := $(PATH):/usr/local/go/bin
export GOFLAGS ?= -buildvcs=false

LINTER := .cache/bin/golangci-lint
BENCH ?= .
BENCHTIME ?= 1s
FUZZTIME ?= 30s
MUTANTS ?= 300
# One package at a time: some tests measure time, and the machine may have two cores.
TESTFLAGS ?= -p 1 -timeout 40m

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## the desk beside a simulated WeChat; needs Go and nothing else
	go run . demo

.PHONY: build
build: ## one static program: ./greendesk
	CGO_ENABLED=0 go build -buildvcs=auto -trimpath -ldflags '-s -w' -o greendesk .

.PHONY: test
test: deps fmt vet lint race ## all checks, as in CI; installs what is missing when root

.PHONY: deps
deps: ## installs the servers and the browser that tests need, or says which
	@scripts/install-test-deps.sh

.PHONY: fmt
fmt: ## fails on files that gofmt would change
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi

.PHONY: vet
vet: ## go vet
	go vet ./...

.PHONY: lint
lint: $(LINTER) ## golangci-lint, built from the version pinned in tools/
	$(LINTER) run ./...

# Its own module: the linter's dependencies never meet the program's.
$(LINTER): tools/go.mod tools/go.sum
	@echo "building golangci-lint (minutes, the first time)"
	CGO_ENABLED=0 go build -C tools -buildvcs=false -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: race
race: ## all tests and fuzz seeds under the race detector, browser tests too
	CGO_ENABLED=1 scripts/in-private-tmp.sh go test -race $(TESTFLAGS) ./...

.PHONY: quick
quick: ## all tests without the race detector
	scripts/in-private-tmp.sh go test $(TESTFLAGS) ./...

.PHONY: prove
prove: ## 50 kills while 2,000 messages come in, on SQLite and on PostgreSQL with two replicas; minutes
	GREENDESK_TEST_STORM_MESSAGES=2000 GREENDESK_TEST_STORM_KILLS=50 scripts/in-private-tmp.sh go test -run 'TestTheStorm' -v -timeout 60m .

.PHONY: bench
bench: ## the whole callback beside a bare handler, and 5 to 147 thousand clauses (needs ../shared/corpus)
	scripts/in-private-tmp.sh go test -run '^$$' -bench 'Callback|Scale' -benchtime 1x -timeout 60m .

.PHONY: microbench
microbench: ## the benchmarks of single parts; BENCH=regexp BENCHTIME=1s choose
	scripts/in-private-tmp.sh go test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem -timeout 60m -p 1 ./bot/... ./desk/... ./handlers/... ./internal/... ./knowledge/...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME, 30s each
	scripts/in-private-tmp.sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: mutants
mutants: ## MUTANTS broken files of each format, 300; of .doc and .xls too, a second each
	GREENDESK_TEST_MUTANTS=$(MUTANTS) scripts/in-private-tmp.sh go test -count 1 -timeout 10h -run Mutants -v ./knowledge/reader

.PHONY: clean
clean: ## removes what was built
	rm -rf greendesk .cache
