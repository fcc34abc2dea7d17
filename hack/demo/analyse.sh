#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Requests a run by annotation, and waits for the results of a run that saw the request, so that it includes all events.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
choose_cluster
use_kubectl
asked=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
kubectl -n "$DEMO_NS" annotate --overwrite jm/omnichannel-retail mr/retail-kpis "journeyman.dev/run-at=$asked" >/dev/null
for what in jm/omnichannel-retail mr/retail-kpis; do
  began=$SECONDS
  while :; do
    got=$(kubectl -n "$DEMO_NS" get "$what" -o jsonpath='{.status.trace.analysis.handledRunAt}')
    [ "$got" = "$asked" ] && break
    [ $((SECONDS - began)) -lt 300 ] || {
      printf '\n'
      kubectl -n "$DEMO_NS" get "$what" -o go-template='{{range .status.conditions}}  {{printf "%-16s %-8s %s" .type .status .message}}
{{end}}{{with .status.trace.lastRun}}{{with .error}}  last error: {{.}}
{{end}}{{end}}' | cut -c1-200
      kubectl -n "$DEMO_NS" get jobs,pods | tail -n 30 | cut -c1-120
      die "demo: no results of $what after $((SECONDS - began)) s"
    }
    printf '\r%s: waiting for the run, %d s ' "$what" $((SECONDS - began))
    sleep 1
  done
  printf '\r%s: analysed as of %s, in %d s          \n' "$what" \
    "$(kubectl -n "$DEMO_NS" get "$what" -o jsonpath='{.status.summary.period.asOf}')" $((SECONDS - began))
done
# The operator evaluates new results within seconds.
kubectl -n "$DEMO_NS" wait jm/omnichannel-retail --for=condition=AnalysisCurrent --timeout=60s >/dev/null
kubectl -n "$DEMO_NS" wait mr/retail-kpis --for=condition=AnalysisCurrent --timeout=60s >/dev/null
# The operator polls the store every 30 s, and updates counters when they no longer change. Wait for those of the analysed commit.
want=$(kubectl -n "$DEMO_NS" get jm/omnichannel-retail -o jsonpath='{.status.trace.analysis.seq}')
began=$SECONDS
until got=$(kubectl -n "$DEMO_NS" get es/default -o jsonpath='{.status.volume.seq}') && [ "${got:-0}" -ge "$want" ]; do
  if [ $((SECONDS - began)) -ge 120 ]; then
    printf '\rcounters: after %d s the status still has those of commit %s, not of %s\n' $((SECONDS - began)) "${got:-0}" "$want"
    exit 0
  fi
  printf '\rcounters: waiting for the status, %d s ' $((SECONDS - began))
  sleep 1
done
printf '\rcounters: up to date                                        \n'
