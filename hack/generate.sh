#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Writes the generated files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin/controller-gen object:headerFile=hack/boilerplate.go.txt paths=./api/...
bin/controller-gen crd paths=./api/... output:crd:dir=config/crd/bases
go run ./hack/crdcompact config/crd/bases/*.yaml
bin/controller-gen rbac:roleName=journeyman-operator paths=./internal/controller/... output:rbac:dir=config/rbac
hack/chart-files.sh
go run ./hack/docgen
