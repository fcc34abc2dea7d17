#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# build.sh NAME...   builds cmd/NAME into bin/ (or OUT), statically linked, so that the image needs no base image.
# GOOS and GOARCH can be any platform, because no program uses cgo. With TRIMPATH=1, the programs contain no paths of this machine, as in a release.
# Without it, the build shares compiled packages with the tests. VERSION overrides the version, which is the output of git describe.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${OUT:-bin}
mkdir -p "$out"
version=${VERSION:-$(git describe --always --dirty --match 'v*' 2>/dev/null || echo dev)}
commit=$(git rev-parse HEAD 2>/dev/null || true)
for name in "$@"; do
  began=$SECONDS
  ldflags="-s -w -X github.com/journeyman-dev/journeyman/internal/version.Version=$version"
  [ -z "$commit" ] || ldflags="$ldflags -X github.com/journeyman-dev/journeyman/internal/version.Commit=$commit"
  file=$out/$name
  [ "${GOOS:-}" != windows ] || file=$file.exe
  CGO_ENABLED=0 go build ${TRIMPATH:+-trimpath} -buildvcs=false -ldflags "$ldflags" -o "$file" "./cmd/$name"
  printf '  %-15s built in %3d s, %s\n' "$name" $((SECONDS - began)) "$(du -h "$file" | cut -f1)"
done
