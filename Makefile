# ur-vpn: everything that is done with this project, by name. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A JDK 25, wherever it is; told only to what needs it, so that `make help` works on a bare machine.
JDK = export JAVA_HOME="$$(e2e/find-jdk)"
MVN = $(JDK) && mvn -q -B

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 20

.PHONY: demo
demo: ## show a tunnel's whole life on a two-node cluster of its own (TYPE=openvpn or ipsec, YES=1, KEEP=1, KUBECONFIG=...: an existing cluster)
	@TYPE='$(TYPE)' YES='$(YES)' KEEP='$(KEEP)' DEMO_KUBECONFIG='$(DEMO_KUBECONFIG)' e2e/demo

# Only a KUBECONFIG given to make asks for an existing cluster, not one that the shell happens to have.
demo: DEMO_KUBECONFIG = $(if $(filter command line,$(origin KUBECONFIG)),$(KUBECONFIG))

.PHONY: test test-unit test-chart test-kernel test-apiserver test-vm test-e2e
test: ## run all tiers of tests, and print a table of them
	@e2e/test unit chart kernel apiserver vm e2e
test-unit: ## no I/O
	@e2e/test unit
test-chart: ## the Helm chart, by what checks charts
	@e2e/test chart
test-kernel: ## real network namespaces and processes (root)
	@e2e/test kernel
test-apiserver: ## a real etcd and kube-apiserver
	@e2e/test apiserver
test-vm: ## an emulated machine whose kernel has WireGuard (root)
	@e2e/test vm
test-e2e: ## a real cluster of two nodes (root)
	@e2e/test e2e

.PHONY: build plugin images generate
build: ## compile and package the application
	@$(MVN) package -DskipTests
plugin: build ## install the kubectl plugin (kubectl-vpn) into DIR, ~/.local/bin by default
	@e2e/plugin/install '$(or $(DIR),$(HOME)/.local/bin)'
images: packages build ## build the container images into target/images
	@images/build
generate: ## write anew what is generated and committed: crds/, deploy/, docs/reference.md, docs/values.md
	@$(MVN) test -Dtest=GenerateCustomResourceDefinitions
	@$(MVN) test -Dtier=apiserver -Dtest=GenerateManifests

# What a campaign draws begins with SEED; that of the parsers needs no cluster, and takes SECONDS_EACH a parser.
SEEDED = $(if $(SEED),-Durvpn.seed=$(SEED)) $(if $(SECONDS_EACH),-Durvpn.fuzz.seconds=$(SECONDS_EACH))
FUZZ = $(filter ParserFuzzCampaign,$(or $(CAMPAIGN),ParserFuzzCampaign))
ON_CLUSTER = $(filter-out ParserFuzzCampaign,$(or $(CAMPAIGN),*Campaign))

.PHONY: campaign
campaign: $(if $(ON_CLUSTER),images,build) ## kill at every step of a deletion; 200 instances at once; random lives; leaks; fuzzed parsers (root)
	@$(if $(ON_CLUSTER),$(JDK) && e2e/with-cluster env URVPN_E2E_CLUSTER="$$PWD/e2e/cluster/cluster" \
	  mvn -q -B -o surefire:test -Dtier=e2e -Dtest='$(ON_CLUSTER)' $(SEEDED))
	@$(if $(FUZZ),$(JDK) && mvn -q -B -o surefire:test -Dtier=unit -Dtest=ParserFuzzCampaign $(SEEDED))

.PHONY: bench
bench: images ## measure memory and the speed of a deletion, on a cluster of its own
	@e2e/bench

.PHONY: cluster-up cluster-down packages
cluster-up: packages ## start a two-node cluster with a peer (`e2e/cluster/cluster` says more)
	@e2e/cluster/cluster up 2 && e2e/cluster/cluster peer up
cluster-down: ## remove it
	@e2e/cluster/cluster down
packages: ## install the Debian packages that are missing, after saying which
	@e2e/packages

.PHONY: clean
clean: ## remove what was built here; what is cached for all checkouts stays in ~/.cache
	@rm -rf target
