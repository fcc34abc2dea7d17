#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# fixtures.sh VERSION   writes test/released/VERSION: what this commit leaves in clusters, for the tests of later releases (test/released/README.md).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
version=v${1#v}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "fixtures: \"$version\" is no version of a release: VERSION=v1.2.3"
if git rev-parse -q --verify "refs/tags/$version" >/dev/null; then
  die "fixtures: $version is released, and its fixtures are what it left: they never change"
fi
say "Volume and protocol"
go test ./test/released -count=1 -run '^TestWriteVolume$' -write "$version"
say "Test"
go test ./test/released -count=1
du -sh "test/released/$version"
