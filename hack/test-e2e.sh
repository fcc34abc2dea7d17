#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# End-to-end tests on the one-node cluster, with real containers. LABELS takes a part of them, such as 'faults && !slow'. Where the cluster cannot
# run, says why in one line and ends well: the rest of the tests ran without it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
why=$(no_cluster_reason)
if [ -n "$why" ]; then
  echo "end-to-end tests not run: the one-node cluster cannot run here: $why"
  exit 0
fi
prepare() {
  hack/tools/build.sh helm && hack/tools/build.sh prometheus/prometheus && JOURNEYMAN_CRDS=$(hack/tools/crds.sh) &&
    JOURNEYMAN_ALERTMANAGER=$(alertmanager) && hack/build.sh operator ingest store analysis simulator kubectl-journey
}
if [ "${1:-}" = --tools ]; then
  hack/cluster/prepare.sh && prepare
  exit
fi
collect_failures
timed "Binaries for the end-to-end tests" prepare
# kubectl finds its plugin on the PATH.
export PATH="$ROOT/bin:$PATH"
who=e2e-$$
# background NAME COMMAND...: starts a step that runs in parallel with the next ones. show prints its output.
pids=()
background() {
  mkdir -p "$REPORTS"
  timed "$@" > "$REPORTS/background-${#pids[@]}.log" 2>&1 &
  pids+=($!)
}
# show: waits for the steps that were started, prints the output of each, and fails if one failed.
show() {
  local i rc=0
  for i in "${!pids[@]}"; do
    wait "${pids[$i]}" || rc=$?
    cat "$REPORTS/background-$i.log"
  done
  pids=()
  return "$rc"
}
at_end() {
  local pid
  for pid in "${pids[@]}"; do pkill -P "$pid" || true; done
  hack/cluster/use.sh down "$who" || true
  repeat_failures
}
trap at_end EXIT
timed "Cluster" hack/cluster/use.sh up "$who"
. hack/cluster/env.sh
JOURNEYMAN_IMAGE=$(hack/image.sh --load)
# The same programs under another name, for the upgrade of the operator.
JOURNEYMAN_NEXT_IMAGE=$(hack/image.sh --load --tag "${JOURNEYMAN_IMAGE##*:}-next")
export JOURNEYMAN_CRDS JOURNEYMAN_ALERTMANAGER JOURNEYMAN_IMAGE JOURNEYMAN_NEXT_IMAGE JOURNEYMAN_E2E=1 JOURNEYMAN_ROOT=$ROOT
echo "image $JOURNEYMAN_IMAGE"
failed=0
build_specs e2e
build_specs helm
# Each spec has a namespace and an operator of its own, and waits most of the time: for a flush, a probe, the next analysis. So they run in parallel,
# also with the spec that only watches an installation, and with the specs of the chart that install it into one namespace.
background "Specs of test/e2e that watch an installation" specs e2e e2e-watch --only watch
background "Specs of test/helm, the chart in one namespace" specs helm helm --only '!alone' --procs=2
timed "Specs of test/e2e, on the cluster" specs e2e e2e --only '!watch' --procs=4 || failed=$?
# recipes: builds the controllers of other projects, for which the docs have recipes, and loads them into the cluster. It does so while the installation
# is watched, because nothing of them runs yet.
recipes() { JOURNEYMAN_RECIPES=$(hack/recipes.sh $(ls hack/recipes)) && export JOURNEYMAN_RECIPES && echo "in the cluster: $JOURNEYMAN_RECIPES"; }
case ${JOURNEYMAN_FULL:-}${LABELS:-} in
1* | *recipes*) timed "Controllers of recipes" recipes || failed=$? ;;
*) echo "specs of recipes not run: make test-full runs them, and LABELS=recipes make test-e2e" ;;
esac
show || failed=$?
# These install the chart for all namespaces.
timed "Specs of test/helm, the chart for all namespaces" specs helm helm-alone --only alone || failed=$?
netpol_specs() { build_specs netpol && JOURNEYMAN_NETPOL=1 specs netpol netpol; }
why=$(no_time_for "tests of network policies" journeyman/tools/kube-network-policies 5 15)
case ${LABELS:-network} in
*network* | *recipes*)
  if [ -n "$why" ]; then
    echo "$why"
  elif hack/netpol/up.sh; then
    timed "Specs of test/netpol, network policies that an agent enforces" netpol_specs || failed=$?
    hack/netpol/down.sh
  elif [ $? != 3 ]; then # of 3, up.sh has said why
    failed=1
  fi
  ;;
esac
case ${LABELS:-} in *gitops*) hack/test-gitops.sh || failed=$? ;; esac # of make test-full otherwise
exit "$failed"
