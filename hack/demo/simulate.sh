#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# simulate.sh IMAGE   runs the simulator as a Job beside the sources: it sends the past of a world of customers through their
# Services. Each call is another world; their parameters are kept for the comparison.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
choose_cluster
use_kubectl
image=${1:?usage: simulate.sh IMAGE}
mkdir -p "$STATE"
n=$(find "$STATE" -name 'world-*.json' | wc -l)
world=$STATE/world-$n.json
job=simulator-$n
cat > "$world" <<EOT
{"Seed": $((SEED + n)), "Persons": $CUSTOMERS, "Now": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "Days": 80, "Window": 604800000000000, "IncidentDays": 25}
EOT
kubectl -n "$DEMO_NS" create configmap "$job" --from-file=world.json="$world" --dry-run=client -o yaml | kubectl -n "$DEMO_NS" apply -f - >/dev/null
kubectl -n "$DEMO_NS" apply -f - <<EOT
apiVersion: batch/v1
kind: Job
metadata: {name: $job}
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
        configMap: {name: $job}
      - name: secrets
        projected:
          sources:
          - secret: {name: web-write-key, items: [{key: journeyman-secret, path: web}]}
          - secret: {name: crm-token, items: [{key: journeyman-secret, path: crm-email}]}
          - secret: {name: tills-hmac, items: [{key: journeyman-secret, path: tills}]}
          - secret: {name: support-token, items: [{key: journeyman-secret, path: support}]}
          - secret: {name: surveys-hmac, items: [{key: journeyman-secret, path: surveys}]}
EOT
# The pod's own progress lines are the progress.
kubectl -n "$DEMO_NS" wait "job/$job" --for=jsonpath='{.status.ready}'=1 --timeout=60s >/dev/null 2>&1 || true
kubectl -n "$DEMO_NS" logs -f "job/$job" 2>/dev/null | grep -v '^[ {}]*["}]' || true
kubectl -n "$DEMO_NS" wait "job/$job" --for=condition=Complete --timeout=900s >/dev/null || {
  kubectl -n "$DEMO_NS" logs "job/$job" --tail=20
  die "demo: the simulator failed"
}
