#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make demo-down: removes everything that make demo made: its namespace with all in it, its CRDs when no other
# Journeyman uses them, and its cluster when nobody else uses that.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
choose_cluster
if [ "$MODE" = one-node ] && ! hack/cluster/use.sh who | grep -qx demo; then
  echo "no demo is up"
  exit 0
fi
use_kubectl
if [ "$MODE" = kind ]; then
  kind delete cluster --name journeyman-demo
else
  say "Removing the demo"
  if kubectl get namespace "$DEMO_NS" >/dev/null 2>&1; then
    # The journey objects go first, so that their children go by their owner; then the namespace takes the rest.
    kubectl -n "$DEMO_NS" delete mr,jm,tps,es --all --timeout=60s --ignore-not-found
    kubectl delete namespace "$DEMO_NS" --timeout=180s
  fi
  kubectl get crd eventstores.journeyman.dev >/dev/null 2>&1 && {
    if [ -z "$(kubectl get es,tps,jm,mr -A -o name 2>/dev/null)" ] &&
      [ -z "$(kubectl get deployments -A -l app.kubernetes.io/name=journeyman -o name)" ]; then
      kubectl delete -k config/crd
    else
      echo "the CRDs stay: others use them"
    fi
  } || true
fi
[ "$MODE" != one-node ] || hack/cluster/use.sh down demo
rm -rf "$STATE"
echo "the demo is gone"
