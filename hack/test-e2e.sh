#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# End-to-end tests on the one-node cluster, with real containers. Where the cluster cannot run, says why in one
# line and ends well: the rest of the tests ran without it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
why=$(no_cluster_reason)
if [ -n "$why" ]; then
  echo "end-to-end tests not run: the one-node cluster cannot run here: $why"
  exit 0
fi
say "Binaries"
hack/tools/build.sh helm
hack/tools/build.sh prometheus/prometheus
JOURNEYMAN_CRDS=$(hack/tools/crds.sh)
JOURNEYMAN_ALERTMANAGER=$(alertmanager)
export JOURNEYMAN_CRDS JOURNEYMAN_ALERTMANAGER
hack/build.sh operator ingest store analysis simulator kubectl-journey
# kubectl finds its plugin on the PATH.
export PATH="$ROOT/bin:$PATH"
say "Cluster"
who=e2e-$$
hack/cluster/use.sh up "$who"
beside=
trap '[ -z "$beside" ] || kill "$beside" 2>/dev/null || true; hack/cluster/use.sh down "$who" || true' EXIT
. hack/cluster/env.sh
JOURNEYMAN_IMAGE=$(hack/image.sh --load)
# The same programs under another name, for the upgrade of the operator.
JOURNEYMAN_NEXT_IMAGE=$(hack/image.sh --load --tag "${JOURNEYMAN_IMAGE##*:}-next")
export JOURNEYMAN_IMAGE JOURNEYMAN_NEXT_IMAGE JOURNEYMAN_E2E=1 JOURNEYMAN_ROOT=$ROOT
say "End-to-end tests, image $JOURNEYMAN_IMAGE"
if [ -n "${TESTFLAGS:-}" ]; then
  go test -count=1 -timeout 40m $TESTFLAGS ./test/e2e
  exit
fi
# One test watches an installation of its own for ten minutes and hardly does anything. It runs beside the others, with an operator and a namespace of
# its own, and what it says is shown when they have ended.
tests=bin/e2e.test watcher=TestFirstMinutesShowNoWarning failed=0
go test -c -o "$tests" ./test/e2e
run() { (cd test/e2e && exec "$ROOT/$tests" -test.v -test.timeout 40m "$@"); }
run -test.run "^$watcher\$" > "$tests.log" 2>&1 &
beside=$!
run -test.skip "^$watcher\$" || failed=$?
wait "$beside" || failed=$?
beside=
say "The first minutes, watched beside the others"
cat "$tests.log"
say "The Helm chart on the cluster"
go test -count=1 -timeout 40m ./test/helm -ginkgo.v || failed=$?
say "Network policies, enforced by an agent"
why=$(no_time_for "tests of network policies" journeyman/tools/kube-network-policies 5 15)
if [ -n "$why" ]; then
  echo "$why"
elif hack/netpol/up.sh; then
  JOURNEYMAN_NETPOL=1 go test -count=1 -timeout 30m ./test/netpol -ginkgo.v || failed=$?
  hack/netpol/down.sh
elif [ $? != 3 ]; then # of 3, up.sh has said why
  failed=1
fi
hack/test-gitops.sh || failed=$?
exit "$failed"
