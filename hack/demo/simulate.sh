#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# simulate.sh IMAGE   runs the image of the simulator as a Job, which sends the history of simulated customers to the Services of the sources.
# Each call creates a new world, unless the last one was not sent completely: it is sent again, because each event counts once.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
choose_cluster
use_kubectl
image=${1:?usage: simulate.sh IMAGE}
worlds=$(kubectl -n "$DEMO_NS" get configmaps -l "$WORLD_LABEL" -o jsonpath="{range .items[*]}{.metadata.labels['journeyman\.dev/demo-world']}{'\n'}{end}" | sort -n)
n=$(comm -23 <(sort <<<"$worlds") <(sent_worlds | sort) | sort -n | head -1)
if [ -n "$n" ]; then
  echo "world $n was not sent completely; sending it again"
else
  n=0
  [ -z "$worlds" ] || n=$(($(tail -1 <<<"$worlds") + 1))
  world=$(printf '{"Seed": %d, "Persons": %d, "Now": "%s", "Days": 80, "Window": 604800000000000, "IncidentDays": 25}' \
    $((SEED + n)) "$CUSTOMERS" "$(date -u +%Y-%m-%dT%H:%M:%SZ)")
  quietly kubectl -n "$DEMO_NS" create configmap "world-$n" --from-literal=world.json="$world"
  quietly kubectl -n "$DEMO_NS" label configmap "world-$n" "$WORLD_LABEL=$n"
fi
# A Job is immutable, so each run has a Job of its own.
job=$(kubectl -n "$DEMO_NS" create -o name -f - <<EOT
apiVersion: batch/v1
kind: Job
metadata:
  generateName: simulator-$n-
  labels: {$WORLD_LABEL: "$n"}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: simulator
        image: $image
        command: [/simulator, run, --world=/world/world.json, --namespace=$DEMO_NS, --secrets-dir=/secrets]
        resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 1Gi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts:
        - {name: world, mountPath: /world}
        - {name: secrets, mountPath: /secrets}
      volumes:
      - name: world
        configMap: {name: world-$n}
      - name: secrets
        projected:
          sources:
          - secret: {name: web-write-key, items: [{key: journeyman-secret, path: web}]}
          - secret: {name: crm-token, items: [{key: journeyman-secret, path: crm-email}]}
          - secret: {name: tills-hmac, items: [{key: journeyman-secret, path: tills}]}
          - secret: {name: support-token, items: [{key: journeyman-secret, path: support}]}
          - secret: {name: surveys-hmac, items: [{key: journeyman-secret, path: surveys}]}
EOT
)
# The log of the pod has lines of progress.
kubectl -n "$DEMO_NS" wait "$job" --for=jsonpath='{.status.ready}'=1 --timeout=60s >/dev/null 2>&1 || true
kubectl -n "$DEMO_NS" logs -f "$job" 2>/dev/null | grep -v '^[ {}]*["}]' || true
kubectl -n "$DEMO_NS" wait "$job" --for=condition=Complete --timeout=900s >/dev/null || {
  kubectl -n "$DEMO_NS" logs "$job" --tail=20 | cut -c1-200
  die "demo: the simulator failed; run make demo again to send this world again"
}
