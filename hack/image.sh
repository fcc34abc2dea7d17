#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# image.sh [--load] [--tag TAG] [FILE:PATH...]   packs bin/* into bin/journeyman.tar, an OCI archive, and prints the image's name
#   --load      also imports it into the one-node cluster
#   --tag TAG   a tag of your own; without it, a hash of the content: a changed program is another image, an unchanged one the same
#   FILE:PATH   more files for the image. OUT is the folder of programs and archive, in place of bin
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
load= tag= out=${OUT:-bin} files=()
while [ $# -gt 0 ]; do
  case $1 in
    --load) load=1 ;;
    --tag) tag=${2:?--tag needs a tag}; shift ;;
    *:*) files+=("$1") ;;
    *) sed -n '5,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  shift
done
binaries=(operator ingest store analysis simulator)
programs=()
for b in "${binaries[@]}"; do
  [ -x "$out/$b" ] || { echo "image.sh: $out/$b is missing: make build" >&2; exit 1; }
  programs+=("$out/$b:/$b")
done
[ -n "$tag" ] || tag=$(sha256sum "${binaries[@]/#/$out/}" | sha256sum | cut -c1-12)
name=journeyman.local/journeyman:$tag
hack/cluster/load-image.sh "$name" -o "$out/journeyman.tar" "${programs[@]}" "${files[@]}" >&2
[ -z "$load" ] || hack/cluster/load-image.sh "$out/journeyman.tar" >&2
echo "$name"
