#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make demo: starts a cluster, installs the operator and the sample journey, sends the events of simulated customers to the
# real endpoints, runs the analysis, and compares the numbers in the status with the true numbers of the simulator.
#
#   SEED=7            seed of the simulated world
#   CUSTOMERS=4000    number of simulated customers
#   DEMO_CONTEXT=…    a context of your kubeconfig instead of a cluster of its own (needs DEMO_IMAGE=… and DEMO_SIMULATOR_IMAGE=…)
#   DEMO_ONE_NODE=1   uses the one-node cluster even if Docker and kind are installed
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
began=$SECONDS
step() { say "[$1/7] $2  ($((SECONDS - began)) s)"; }
mkdir -p "$STATE"

step 1 "Preflight"
ensure_build_packages
choose_cluster
[ "$MODE" != context ] || { [ -n "${DEMO_IMAGE:-}" ] && [ -n "${DEMO_SIMULATOR_IMAGE:-}" ]; } ||
  die "demo: DEMO_CONTEXT also needs DEMO_IMAGE and DEMO_SIMULATOR_IMAGE. Build them with docker build . and
docker build --target simulator ., and push them to a registry that the cluster can pull from"
free=$(df -Pm "$HOME" | awk 'NR == 2 {print $4}')
[ "$free" -ge 6000 ] || die "preflight: $free MiB are free below $HOME; building Kubernetes and the programs needs 6000"
memory=$(awk '/MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)
[ "$memory" -ge 3000 ] || die "preflight: $memory MiB of memory are free; the build and the cluster need 3000"
echo "Go $(go env GOVERSION), $(nproc) cores, $memory MiB of memory, $free MiB of disk, cluster: $MODE"
[ "$MODE" != one-node ] || [ -x "$CLUSTER_HOME/bin/kubelet" ] ||
  echo "The first time, this builds Kubernetes from its Go modules, which takes about 15 minutes on 2 cores. Later starts take half a minute."

step 2 "Programs"
hack/build.sh operator ingest store analysis simulator

step 3 "Cluster"
case $MODE in
  one-node)
    hack/cluster/use.sh up demo
    use_kubectl
    image=$(hack/image.sh --load)
    simulator=$(hack/image.sh --simulator --load)
    ;;
  kind)
    kind get clusters | grep -qx journeyman-demo || kind create cluster --name journeyman-demo
    use_kubectl
    image=$(hack/image.sh)
    simulator=$(hack/image.sh --simulator)
    kind load image-archive bin/journeyman.tar --name journeyman-demo
    kind load image-archive bin/simulator.tar --name journeyman-demo
    ;;
  context)
    use_kubectl
    image=$DEMO_IMAGE simulator=$DEMO_SIMULATOR_IMAGE
    ;;
esac
kubectl get nodes

step 4 "Operator and the sample journey"
overlay=$(mktemp -d "$ROOT/config/.demo-XXXXXX")
trap 'rm -rf "$overlay"' EXIT
cat > "$overlay/kustomization.yaml" <<EOT
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: $DEMO_NS
resources: [../namespaced]
images: [{name: journeyman, newName: ${image%:*}, newTag: "${image##*:}"}]
EOT
kubectl get namespace "$DEMO_NS" >/dev/null 2>&1 || quietly kubectl create namespace "$DEMO_NS"
quietly kubectl label namespace "$DEMO_NS" pod-security.kubernetes.io/enforce=restricted --overwrite
quietly kubectl apply --server-side --force-conflicts -k config/crd
quietly kubectl apply --server-side --force-conflicts -k "$overlay"
kubectl -n "$DEMO_NS" rollout status deployment/journeyman-operator --timeout=180s
kubectl -n "$DEMO_NS" apply -k config/samples
kubectl -n "$DEMO_NS" wait es,tps --all --for=condition=Ready --timeout=300s

step 5 "Simulated customers"
hack/demo/simulate.sh "$simulator"

step 6 "Analysis"
hack/demo/analyse.sh

step 7 "Results, compared with the simulator"
hack/demo/show.sh

cat <<EOT

Took $((SECONDS - began)) s. Try next:
EOT
[ "$MODE" != one-node ] || echo "  . hack/cluster/env.sh                                     # kubectl for this cluster"
cat <<EOT
  kubectl -n $DEMO_NS describe jm omnichannel-retail          # conditions, stages, coverage, freshness
  kubectl -n $DEMO_NS get journey                             # all objects
  kubectl explain jm.spec.stages.touchpoints                # the fields of a touchpoint
  kubectl -n $DEMO_NS annotate jm omnichannel-retail journeyman.dev/run-at="\$(date)" --overwrite   # run the analysis now
  make demo-down                                            # remove everything
EOT
