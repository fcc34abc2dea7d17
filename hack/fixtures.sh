#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# fixtures.sh VERSION   writes test/released/VERSION: everything that this version leaves in clusters, for the tests of later releases (see
# test/released/README.md).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
version=v${1#v}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "fixtures: \"$version\" is not the version of a release: set VERSION=v1.2.3"
if git rev-parse -q --verify "refs/tags/$version" >/dev/null; then
  die "fixtures: $version is released, and its fixtures must not change"
fi
KUBEBUILDER_ASSETS=$(hack/cluster/prepare.sh --envtest)
export KUBEBUILDER_ASSETS
say "Volume and protocol"
go test ./test/released -count=1 -run '^TestWriteVolume$' -write "$version"
say "Objects with their statuses"
rm -rf "test/released/$version/objects"
go test ./test/operator -count=1 -ginkgo.focus='The fixtures of a release' -fixtures "$version"
say "Children of the objects, and documents of pods"
go test ./test/released -count=1 -run '^TestWriteChildren$' -write "$version"
say "Manifests"
for tool in helm kustomize; do hack/tools/build.sh "$tool"; done
manifests=test/released/$version/manifests
mkdir -p "$manifests"
bin/kustomize build config/crd | gzip -9n >"$manifests/crds.yaml.gz"
bin/kustomize build config/default | gzip -9n >"$manifests/install.yaml.gz"
bin/helm template journeyman charts/journeyman --namespace journeyman-system | gzip -9n >"$manifests/chart.yaml.gz"
say "Test"
go test ./test/released -count=1
go test ./test/api -count=1 -ginkgo.focus='Objects of releases'
go test ./charts -count=1 -run 'TestUpgradeOfTheManifests|TestCRDsKeepWhatReleasesHad'
du -sh "test/released/$version"
