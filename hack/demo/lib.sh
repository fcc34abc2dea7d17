# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the scripts in this folder: the namespace and the cluster of the demo.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
DEMO_NS=journeyman-demo
SEED=${SEED:-7}
CUSTOMERS=${CUSTOMERS:-4000}
STATE=$ROOT/bin/demo

# choose_cluster: sets MODE to context, kind or one-node.
#   DEMO_CONTEXT=NAME make demo   uses that context of your kubeconfig. Its cluster must be able to pull
#                                 DEMO_IMAGE and DEMO_SIMULATOR_IMAGE. Build and push them first with
#                                 docker build . and docker build --target simulator .
choose_cluster() {
  if [ -n "${DEMO_CONTEXT:-}" ]; then
    MODE=context
  elif [ -z "${DEMO_ONE_NODE:-}" ] && docker info >/dev/null 2>&1 && command -v kind >/dev/null; then
    MODE=kind
  else
    MODE=one-node
    local why
    why=$(no_cluster_reason)
    [ -z "$why" ] || die "demo: the one-node cluster cannot run here: $why. To use your own cluster: DEMO_CONTEXT=… DEMO_IMAGE=… DEMO_SIMULATOR_IMAGE=… make demo"
  fi
}

# quietly COMMAND…: runs a command without its output. If it fails, exits with the first lines of the output, truncated to the width of a terminal.
quietly() {
  local out
  out=$("$@" 2>&1) || die "demo: $*
$(cut -c1-200 <<<"$out" | head -12)"
}

# Each simulated world is in a ConfigMap of the demo's namespace, so that worlds are deleted together with the store that has their events.
WORLD_LABEL=journeyman.dev/demo-world

# sent_worlds: prints the numbers of the worlds whose Job is complete.
sent_worlds() {
  kubectl -n "$DEMO_NS" get jobs -l "$WORLD_LABEL" \
    -o jsonpath="{range .items[?(@.status.succeeded==1)]}{.metadata.labels['journeyman\.dev/demo-world']}{'\n'}{end}" | sort -nu
}

# use_kubectl: points kubectl at the demo's cluster.
use_kubectl() {
  [ "$MODE" = one-node ] || command -v kubectl >/dev/null || die "demo: kubectl is not installed"
  case $MODE in
    context) kubectl() { command kubectl --context "$DEMO_CONTEXT" "$@"; } ;;
    kind) kubectl() { command kubectl --context kind-journeyman-demo "$@"; } ;;
    one-node) . "$ROOT/hack/cluster/env.sh" ;;
  esac
}
