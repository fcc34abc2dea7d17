#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# build.sh NAME or FOLDER/NAME   builds the developer tool NAME into bin/, unless it is up to date. Each tool has its own module, which pins its
# dependencies, so that the project's module does not have them. Tools of one project share a FOLDER. A file named tags contains additional build
# tags; builds with the same tags share compiled packages. A script prepare.sh writes files that the module needs and that the module proxy does not
# have. Built tools are cached in ~/.cache, for other checkouts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
what=${1:?usage: build.sh NAME or FOLDER/NAME, a folder of hack/tools}
name=${what##*/}
src=hack/tools/${what%%/*}
[ -f "$src/go.mod" ] || { echo "build.sh: there is no tool $name; hack/tools has: $(cd hack/tools && echo */)" >&2; exit 2; }
bin=$PWD/bin
stamp=$bin/.$name.sum
sum=$({ go env GOVERSION; find "$src" -type f ! -name '*_test.go' | sort | xargs sha256sum; } | sha256sum)
if [ -x "$bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then
  exit 0
fi
mkdir -p "$bin"
kept=${XDG_CACHE_HOME:-$HOME/.cache}/journeyman/tools
if [ -x "$kept/$name" ] && [ "$(cat "$kept/.$name.sum" 2>/dev/null)" = "$sum" ]; then
  cp "$kept/$name" "$bin/$name"
  echo "$sum" >"$stamp"
  exit 0
fi
[ ! -x "$src/prepare.sh" ] || "$src/prepare.sh"
if [ -f "$src/main.go" ]; then
  package=.
else
  package=$(cd "$src" && GOFLAGS=-mod=readonly go list tool)
  # If the module has several tools, use the one with the name.
  [ "$(wc -l <<<"$package")" = 1 ] || package=$(grep "/$name\$" <<<"$package")
fi
tags=$(cat "$src/tags" 2>/dev/null || true)
echo "building $name" >&2
(cd "$src" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -tags="netgo,osusergo${tags:+,$tags}" -o "$bin/$name" "$package")
echo "$sum" >"$stamp"
# Write the stamp last, so that an incomplete copy is not used.
mkdir -p "$kept"
rm -f "$kept/.$name.sum"
cp "$bin/$name" "$kept/.$name.$$"
mv "$kept/.$name.$$" "$kept/$name"
echo "$sum" >"$kept/.$name.sum"
