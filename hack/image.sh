#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# image.sh [--load] [--tag TAG]   packs bin/* into bin/journeyman.tar, an OCI archive, and prints the image's name
#   --load      also imports it into the one-node cluster
#   --tag TAG   a tag of your own; without it, a hash of the content: a changed program is another image, an unchanged one the same
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
load= tag=
while [ $# -gt 0 ]; do
  case $1 in
    --load) load=1 ;;
    --tag) tag=${2:?--tag needs a tag}; shift ;;
    *) sed -n '5,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  shift
done
binaries=(operator ingest store metrics simulator)
files=()
for b in "${binaries[@]}"; do
  [ -x "bin/$b" ] || { echo "image.sh: bin/$b is missing: make build" >&2; exit 1; }
  files+=("bin/$b:/$b")
done
[ -n "$tag" ] || tag=$(sha256sum "${binaries[@]/#/bin/}" | sha256sum | cut -c1-12)
name=journeyman.local/journeyman:$tag
hack/cluster/load-image.sh "$name" -o bin/journeyman.tar "${files[@]}" >&2
[ -z "$load" ] || hack/cluster/load-image.sh bin/journeyman.tar >&2
echo "$name"
