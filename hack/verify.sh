#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Run it after generate.sh: it reports files that are out of sync, unformatted, untidy or above a limit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0
changed=$(git status --porcelain -- api charts config docs/reference)
if [ -n "$changed" ]; then
  printf 'generated files are out of sync: make generate, and commit\n%s\n' "$changed"
  git --no-pager diff --stat -- api charts config docs/reference
  bad=1
fi
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { printf 'not formatted (make fmt):\n%s\n' "$unformatted"; bad=1; }
go mod verify >/dev/null || bad=1
go mod tidy -diff || { echo "go.mod or go.sum is not tidy: go mod tidy, and commit"; bad=1; }
go run ./hack/crdcheck || bad=1
version=$(sed -n 's/^version: //p' charts/journeyman/Chart.yaml)
grep -q "^## \[$version\] - 20" CHANGELOG.md || { echo "CHANGELOG.md has no section of $version, the chart's version"; bad=1; }
for fixtures in test/released/v*/; do
  tag=$(basename "$fixtures")
  # A clone without tags cannot check it.
  if git rev-parse -q --verify "refs/tags/$tag" >/dev/null && ! git diff --quiet "$tag" -- "$fixtures"; then
    printf '%s differs from the tag %s, whose fixtures must not change: git checkout %s -- %s\n' "$fixtures" "$tag" "$tag" "$fixtures"
    bad=1
  fi
done
(cd hack/tools/release && GOFLAGS=-mod=readonly go mod tidy -diff) || { echo "hack/tools/release is not tidy"; bad=1; }
[ "$bad" = 0 ] && echo "verify: in sync, formatted, tidy, within the limits"
exit "$bad"
