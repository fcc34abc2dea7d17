#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# build.sh NAME...   builds cmd/NAME into bin/ (or OUT), statically linked, so that the image can be made from scratch.
# No program uses cgo, so GOOS and GOARCH take any platform. TRIMPATH=1 leaves the folders of this machine out of the programs, as a release should;
# without it the build shares the compiled packages with the tests. VERSION says what version they are, in place of git.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${OUT:-bin}
mkdir -p "$out"
version=${VERSION:-$(git describe --always --dirty --match 'v*' 2>/dev/null || echo dev)}
for name in "$@"; do
  began=$SECONDS
  ldflags="-s -w -X github.com/journeyman-dev/journeyman/internal/version.Version=$version"
  file=$out/$name
  [ "${GOOS:-}" != windows ] || file=$file.exe
  CGO_ENABLED=0 go build ${TRIMPATH:+-trimpath} -buildvcs=false -ldflags "$ldflags" -o "$file" "./cmd/$name"
  printf '  %-15s built in %3d s, %s\n' "$name" $((SECONDS - began)) "$(du -h "$file" | cut -f1)"
done
