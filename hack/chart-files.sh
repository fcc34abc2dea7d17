#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Copies what the Helm chart shares with config/ into the chart: config/ is the source, and the chart's templates add labels and
# namespaces. A chart cannot read files outside of its own folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=charts/journeyman/files
rm -rf "$files"
copy() { # FOLDER FILE...
  local folder=$files/$1
  shift
  mkdir -p "$folder"
  cp "$@" "$folder"
}
copy crd config/crd/bases/*.yaml
copy rbac config/rbac/{service_account,role,role_binding,owner_references,own_namespace}.yaml
copy aggregated config/rbac/aggregated/{view,edit,admin,install}.yaml
copy metrics config/rbac/metrics/roles.yaml
copy network config/network/operator.yaml
copy policy config/policy/{objects,pods,access,metadata,selectors}.yaml
copy prometheus config/prometheus/{podmonitor,reader,alerts,alerts_journeys}.yaml
copy grafana config/grafana/*.json
