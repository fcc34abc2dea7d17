#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: build.sh NAME. Builds the developer tool NAME into bin/, unless it is there already, built from the same sources. Each
# tool has a module of its own here, which pins it and everything below it; none of that reaches the project's module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
name=${1:?usage: build.sh NAME, a folder of hack/tools}
src=hack/tools/$name
[ -f "$src/go.mod" ] || { echo "build.sh: there is no tool $name; hack/tools has: $(cd hack/tools && echo */)" >&2; exit 2; }
bin=$PWD/bin
stamp=$bin/.$name.sum
sum=$({ go env GOVERSION; find "$src" -type f | sort | xargs sha256sum; } | sha256sum)
if [ -x "$bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then
  exit 0
fi
mkdir -p "$bin"
if [ -f "$src/main.go" ]; then
  package=.
else
  package=$(cd "$src" && GOFLAGS=-mod=readonly go list tool)
fi
echo "building $name" >&2
(cd "$src" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -o "$bin/$name" "$package")
echo "$sum" >"$stamp"
