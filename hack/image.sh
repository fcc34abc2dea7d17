#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# image.sh [--simulator] [--load] [--tag TAG] [FILE:PATH...]   packs the programs of bin/ into bin/journeyman.tar, an OCI archive, and
# prints the name of the image
#   --simulator   packs bin/simulator into bin/simulator.tar instead; the demo and tests use it, and releases do not have it
#   --load        also imports the image into the one-node cluster
#   --tag TAG     sets the tag; the default is a hash of the content, so that a changed program has another image
#   FILE:PATH     adds files to the image. OUT is the folder of programs and archive (default: bin)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
image=journeyman binaries=(operator ingest store analysis)
load= tag= out=${OUT:-bin} files=()
while [ $# -gt 0 ]; do
  case $1 in
    --simulator) image=simulator binaries=(simulator) ;;
    --load) load=1 ;;
    --tag) tag=${2:?--tag needs a tag}; shift ;;
    *:*) files+=("$1") ;;
    *) sed -n '5,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  shift
done
programs=()
for b in "${binaries[@]}"; do
  [ -x "$out/$b" ] || { echo "image.sh: $out/$b is missing: hack/build.sh $b" >&2; exit 1; }
  programs+=("$out/$b:/$b")
done
# It begins with a letter: YAML would read a tag of digits alone as a number.
[ -n "$tag" ] || tag=c$(sha256sum "${binaries[@]/#/$out/}" | sha256sum | cut -c1-11)
name=journeyman.local/$image:$tag
hack/cluster/load-image.sh "$name" -o "$out/$image.tar" "${programs[@]}" "${files[@]}" >&2
[ -z "$load" ] || hack/cluster/load-image.sh "$out/$image.tar" >&2
echo "$name"
