# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0

SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The same tags for every build and test, so that all share one build cache.
TAGS := netgo,osusergo
export GOFLAGS := -tags=$(TAGS)
# No C compiler is needed, except for the race detector: CGO_ENABLED=1 TESTFLAGS=-race.
export CGO_ENABLED ?= 0
# The programs in the image. The simulator is for demo and tests, and has its own image.
BINARIES := operator ingest store analysis
CLUSTER_HOME ?= $(HOME)/.cache/one-node-cluster
export CLUSTER_HOME

##@ Try it

.PHONY: demo
demo: ## Cluster, operator, sample journey, simulated customers, real drop-offs. Nothing but Go and make needed
	hack/demo/up.sh

.PHONY: demo-down
demo-down: ## Remove everything that make demo made
	hack/demo/down.sh

##@ Develop

.PHONY: build
build: ## Build the programs of the image into bin/ (static)
	hack/build.sh $(BINARIES)

.PHONY: plugin
plugin: ## Build the kubectl plugin into bin/kubectl-journey; put it on your PATH
	hack/build.sh kubectl-journey

.PHONY: image
image: build ## Pack the binaries into bin/journeyman.tar, an OCI archive, without Docker
	hack/image.sh

.PHONY: generate
generate: tool-controller-gen ## Write the generated files anew: deepcopy, CRDs, RBAC, reference pages
	hack/generate.sh

.PHONY: lint
lint: tool-golangci-lint tool-actionlint ## Lint the Go code, the API rules included, and the workflows
	bin/golangci-lint run ./...
	cd hack/tools/release && ../../../bin/golangci-lint run --config ../../../.golangci.yml ./...
	cd hack/bench/funnel && CGO_ENABLED=1 ../../../bin/golangci-lint run --build-tags duckdb_arrow --config ../../../.golangci.yml ./...
	bin/actionlint

.PHONY: fmt
fmt: ## Format the Go code
	gofmt -l -w $$(git ls-files '*.go')

.PHONY: verify
verify: generate ## Check that generated files are in sync, code is formatted, CRDs keep their size and cost limits
	hack/verify.sh

##@ Test

.PHONY: test
test: ## All tests: unit, API server, end to end on a one-node cluster with real containers; prints the minutes of each step
	hack/test.sh

.PHONY: test-full
test-full: ## make test, with every spec of GitOps and longer runs of what kills, crashes and fuzzes; once a release or a large change
	hack/test.sh full

.PHONY: test-unit
test-unit: ## Unit tests and tests against a real API server
	hack/test-unit.sh

.PHONY: test-versions
test-versions: ## What depends on the API server, against the oldest one that the docs name; all other tests have the newest
	hack/test-versions.sh

.PHONY: test-e2e
test-e2e: ## End-to-end tests on the one-node cluster; LABELS='faults && !slow' runs a part. Says why in one line where it cannot run
	hack/test-e2e.sh

.PHONY: test-gitops
test-gitops: ## The part of test-e2e in which Flux's controllers install and keep chart and journeys; about 15 minutes to build the first time
	hack/test-gitops.sh

.PHONY: conformance
conformance: ## Run the cases of CASES (a folder or file; default ../shared/conformance) and print each disagreement
	go run ./hack/conformance $(or $(CASES),../shared/conformance)

.PHONY: published
published: ## Recompute published numbers of the data sets below DATASETS (default ../shared/datasets) and print each difference
	go run ./hack/published $(or $(DATASETS),../shared/datasets)

.PHONY: channels
channels: ## Send the sample requests of PAYLOADS (a folder or file; default ../shared/payloads) through ingestion and print each difference; STRICT=1 also fails for samples that nothing is built for. With FILES (a folder), import exported files instead
	go run ./hack/channels $(if $(FILES),-files $(FILES),$(if $(STRICT),-strict) $(or $(PAYLOADS),../shared/payloads))

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (default 20s)
	hack/fuzz.sh

.PHONY: mutation
mutation: ## Change one operator at a time and see whether the tests fail (test/mutation). PACKAGE=progression runs a part, ONEBUILD=1 takes minutes
	hack/mutation.sh $(PACKAGE)

.PHONY: bench
bench: ## Benchmarks: ingestion, store, analysis, operator. BENCH=short for a quick look
	hack/bench/run.sh

.PHONY: bench-ingest
bench-ingest: ## CPU time and acknowledgement times of an event from each kind of source, of a preview and of a load. BENCH=short, BENCH_DIR
	hack/bench/run.sh -parts ingest,load

.PHONY: bench-funnel
bench-funnel: ## A funnel over 16 M events compared with ClickHouse and DuckDB. EVENTS=100000000, BENCH=short, BENCH_DIR, CLICKHOUSE=host:port
	hack/bench/funnel.sh

##@ Docs and releases

.PHONY: fixtures
fixtures: ## Write test/released/VERSION before a release: what it leaves in clusters, for the tests of later ones. VERSION=v1.2.3
	hack/fixtures.sh "$(VERSION)"

.PHONY: docs
docs: ## Build the docs site into bin/site; a link that leads nowhere fails
	hack/docs/build.sh

.PHONY: docs-serve
docs-serve: ## Show the docs site on http://127.0.0.1:8000, anew at each change
	hack/docs/build.sh serve

.PHONY: release
release: ## Make all files of a release in DIST (default dist/). VERSION=1.2.3; SIGNING_KEY=FILE signs them
	hack/release/release.sh "$(VERSION)" "$(or $(DIST),dist)"

.PHONY: release-check
release-check: ## Build the release of this commit twice, in two checkouts, and compare; COLD=1 compiles all anew for the second
	hack/release/check.sh

##@ Cluster without Docker

.PHONY: cluster-up
cluster-up: ## Start the one-node cluster (builds Kubernetes from its Go modules the first time, about 15 minutes)
	hack/cluster/use.sh up developer

.PHONY: cluster-down
cluster-down: ## Give the one-node cluster up; it ends when nobody else uses it
	hack/cluster/use.sh down developer

##@ Help

.PHONY: help
help: ## Print this list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*##/ {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: tool-%
tool-%:
	hack/tools/build.sh $*
