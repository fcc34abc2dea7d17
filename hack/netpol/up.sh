#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Makes the one-node cluster enforce the NetworkPolicies of all namespaces, until down.sh. Exits with 3 and a message if this is not possible here.
#
# The agent is kube-network-policies of kubernetes-sigs. It queues packets with a rule of nftables, for which some kernels have no module (nft_queue).
# It then continues without its own rules. Therefore this script queues the same packets with a rule of iptables (xt_NFQUEUE), which works through
# nft_compat: the first packet of each connection from or to a pod, after the addresses of Services are replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=hack/netpol
. hack/cluster/env.sh
pods=10.244.0.0/24 chain=JOURNEYMAN-NETPOL queue=100
hack/tools/build.sh kube-network-policies
$here/down.sh
fail() { echo "network policies are not enforced here: $1" >&2; $here/down.sh; exit 3; }
rule() { iptables -w -t mangle "$@" || fail "iptables -t mangle $*"; }
[ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null)" = 1 ] || fail "packets between pods of one bridge pass no rules"
rule -N $chain
# The node can always connect to its own pods, for probes.
rule -A $chain -m addrtype --src-type LOCAL -j RETURN
rule -A $chain -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
rule -A $chain -s $pods -j NFQUEUE --queue-num $queue
rule -A $chain -d $pods -j NFQUEUE --queue-num $queue
hack/cluster/load-image.sh kit.local/kube-network-policies:0.8.0 bin/kube-network-policies
kubectl apply -f $here/agent.yaml
kubectl -n kube-system rollout status deployment/kube-network-policies --timeout=180s
# The agent runs now. Without it, the queue would block all connections.
for ((i = 0; i < 60; i++)); do
  grep -q "^ *$queue " /proc/net/netfilter/nfnetlink_queue && break
  [ $i -lt 59 ] || fail "the agent does not open the queue"
  sleep 1
done
rule -I POSTROUTING -j $chain
echo "network policies are enforced"
