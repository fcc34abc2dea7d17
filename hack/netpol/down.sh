#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Removes what up.sh created: the rules first, so that no packet waits for an agent that does not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. hack/cluster/env.sh
chain=JOURNEYMAN-NETPOL
iptables -w -t mangle -D POSTROUTING -j $chain 2>/dev/null || true
iptables -w -t mangle -F $chain 2>/dev/null || true
iptables -w -t mangle -X $chain 2>/dev/null || true
kubectl delete -f hack/netpol/agent.yaml --ignore-not-found --timeout=60s >/dev/null
