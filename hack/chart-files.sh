#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Copies the files that the Helm chart shares with config/ into the chart, because a chart cannot read files outside its folder. config/ is the
# source. The templates of the chart add labels and namespaces.
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
