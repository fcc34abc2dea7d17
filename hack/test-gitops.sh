#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# GitOps with Flux's controllers in the one-node cluster, a Git server outside it, and the YAML of docs/gitops/flux.md. If the cluster cannot run or
# the controllers are not available, it prints why in one line and succeeds.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
why=$(no_cluster_reason)
if [ -n "$why" ]; then
  echo "GitOps tests not run: the one-node cluster cannot run here: $why"
  exit 0
fi
why=$(no_time_for "GitOps tests" journeyman/tools/source-controller 9 30)
if [ -n "$why" ]; then
  echo "$why"
  exit 0
fi
who=gitops-$$
hack/cluster/use.sh up "$who"
collect_failures
trap 'hack/cluster/use.sh down "$who" || true; repeat_failures' EXIT
. hack/cluster/env.sh
say "Flux's controllers"
began=$SECONDS failed=0
why=$(hack/flux.sh) || failed=$?
if [ "$failed" = 3 ]; then
  echo "GitOps tests not run: $why"
  exit 0
fi
[ "$failed" = 0 ] || { echo "$why"; exit "$failed"; }
echo "built, packed and loaded in $((SECONDS - began)) s"
if [ -z "${JOURNEYMAN_NEXT_IMAGE:-}" ]; then
  hack/build.sh operator ingest store analysis
  JOURNEYMAN_IMAGE=$(hack/image.sh --load)
  JOURNEYMAN_NEXT_IMAGE=$(hack/image.sh --load --tag "${JOURNEYMAN_IMAGE##*:}-next")
fi
export JOURNEYMAN_IMAGE JOURNEYMAN_NEXT_IMAGE JOURNEYMAN_GITOPS=1 JOURNEYMAN_ROOT=$ROOT
build_specs gitops
timed "Specs of test/gitops, image $JOURNEYMAN_IMAGE" specs gitops gitops -v
