#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Takes away what up.sh made: the rules first, so that nothing waits for an agent that is gone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/cluster/env.sh
chain=JOURNEYMAN-NETPOL
iptables -w -t mangle -D POSTROUTING -j $chain 2>/dev/null || true
iptables -w -t mangle -F $chain 2>/dev/null || true
iptables -w -t mangle -X $chain 2>/dev/null || true
kubectl delete -f hack/netpol/agent.yaml --ignore-not-found --timeout=60s >/dev/null
