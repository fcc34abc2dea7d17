#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make demo-down: removes everything that make demo created: its namespace, its CRDs if no other installation
# uses them, and its cluster if nobody else uses it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
choose_cluster
if [ "$MODE" = one-node ] && ! hack/cluster/use.sh who | grep -qx demo; then
  echo "the demo is not running"
  exit 0
fi
use_kubectl
if [ "$MODE" = kind ]; then
  kind delete cluster --name journeyman-demo
else
  say "Removing the demo"
  if kubectl get namespace "$DEMO_NS" >/dev/null 2>&1; then
    # Delete our objects first, so that their children are deleted through their owner; then delete the namespace.
    kubectl -n "$DEMO_NS" delete mr,jm,tps,es --all --timeout=60s --ignore-not-found
    kubectl delete namespace "$DEMO_NS" --timeout=180s
  fi
  kubectl get crd eventstores.journeyman.dev >/dev/null 2>&1 && {
    if [ -z "$(kubectl get es,tps,jm,mr -A -o name 2>/dev/null)" ] &&
      [ -z "$(kubectl get deployments -A -l app.kubernetes.io/name=journeyman -o name)" ]; then
      kubectl delete -k config/crd
    else
      echo "the CRDs are kept, because others use them"
    fi
  } || true
fi
[ "$MODE" != one-node ] || hack/cluster/use.sh down demo
rm -rf "$STATE"
echo "the demo is removed"
