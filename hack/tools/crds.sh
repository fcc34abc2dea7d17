#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Prints a folder with the CRDs of other projects, with which the tests validate our manifests: those of the Prometheus operator, which controller-gen
# generates from its API types; AnalysisTemplate and Rollout of Argo Rollouts; the kinds of Flagger; Certificate and ClusterIssuer of cert-manager;
# and HTTPRoute of the Gateway API, which Flagger writes. hack/tools/crds pins their versions. The CRDs are cached in ~/.cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GOFLAGS=-mod=mod
src=hack/tools/crds
out=${XDG_CACHE_HOME:-$HOME/.cache}/journeyman-crds/$(cat "$src"/go.mod "$src"/go.sum hack/tools/crds.sh | sha256sum | cut -c1-12)
if [ ! -d "$out" ]; then
  hack/tools/build.sh controller-gen
  folder() { (cd "$src" && GOFLAGS=-mod=readonly go mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }
  monitoring=$(folder github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring)
  rollouts=$(folder github.com/argoproj/argo-rollouts)
  flagger=$(folder github.com/fluxcd/flagger)
  certmanager=$(folder github.com/cert-manager/cert-manager)
  gateways=$(folder sigs.k8s.io/gateway-api)
  made=$(mktemp -d)
  controllergen=$PWD/bin/controller-gen
  (cd "$monitoring" && "$controllergen" crd paths=./v1 output:crd:dir="$made" >&2)
  mkdir -p "$out.new"
  cp "$made"/monitoring.coreos.com_{podmonitors,prometheusrules}.yaml "$rollouts"/manifests/crds/{analysis-template,rollout}-crd.yaml \
    "$certmanager"/deploy/crds/cert-manager.io_{certificates,clusterissuers}.yaml \
    "$gateways/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml" "$out.new"
  cp "$flagger/artifacts/flagger/crd.yaml" "$out.new/flagger.yaml"
  chmod -R u+w "$out.new"
  rm -rf "$made"
  mv "$out.new" "$out"
fi
echo "$out"
