#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Prints the objects of the demo with kubectl, and compares their numbers with the true ones of the simulator. Exits with 1 if they differ.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
choose_cluster
use_kubectl
run() { printf '\n$ kubectl %s\n' "$*"; kubectl "$@"; }
run -n "$DEMO_NS" get es,tps,jm,mr
printf '\nStages of omnichannel-retail (mature attempts):\n'
kubectl -n "$DEMO_NS" get jm omnichannel-retail -o go-template='{{range .status.stages}}{{.name}}|{{.entered}}|{{.converted}}|{{.dropped}}|{{or .dropOff "-"}}|{{or .medianTimeToNext "-"}}
{{end}}' | awk -F'|' 'BEGIN {f = "  %-16s %9s %9s %9s %9s %14s\n"; printf f, "STAGE", "ENTERED", "CONVERTED", "DROPPED", "DROP-OFF", "MEDIAN TO NEXT"}
  NF {d = $5; if (d != "-") d = sprintf("%.1f%%", d * 100); printf f, $1, $2, $3, $4, d, $6}'
printf '\nKPIs of retail-kpis:\n'
kubectl -n "$DEMO_NS" get mr retail-kpis -o go-template='{{range .status.kpis}}{{.name}}|{{or .value "-"}}|{{.unit}}|{{.samples}}|{{or .previous "-"}}|{{or .target "-"}}|{{if .target}}{{.met}}{{else}}-{{end}}
{{end}}' | awk -F'|' 'BEGIN {f = "  %-24s %12s %-7s %9s %12s %-16s %s\n"; printf f, "KPI", "VALUE", "UNIT", "SAMPLES", "PREVIOUS", "TARGET", "MET"}
  NF {printf f, $1, $2, $3, $4, $5, $6, $7}'
printf '\nConditions of omnichannel-retail:\n'
kubectl -n "$DEMO_NS" get jm omnichannel-retail -o go-template='{{range .status.conditions}}  {{printf "%-16s %-6s %s" .type .status .message}}
{{end}}'
kubectl -n "$DEMO_NS" get jm omnichannel-retail -o json > "$STATE/map.json"
kubectl -n "$DEMO_NS" get mr retail-kpis -o json > "$STATE/report.json"
hack/demo/compare.sh
