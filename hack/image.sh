#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# image.sh          packs bin/* into bin/journeyman.tar and prints the image's name
# image.sh --load   also imports it into the one-node cluster
# The tag is a hash of the content: a changed program is another image, an unchanged one the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
binaries=(operator ingest store metrics simulator)
files=()
for b in "${binaries[@]}"; do
  [ -x "bin/$b" ] || { echo "image.sh: bin/$b is missing: make build" >&2; exit 1; }
  files+=("bin/$b:/$b")
done
tag=$(sha256sum "${binaries[@]/#/bin/}" | sha256sum | cut -c1-12)
name=journeyman.local/journeyman:$tag
hack/cluster/load-image.sh "$name" -o bin/journeyman.tar "${files[@]}" >&2
echo "$name" > bin/journeyman.image
if [ "${1:-}" = --load ]; then hack/cluster/load-image.sh bin/journeyman.tar >&2; fi
echo "$name"
