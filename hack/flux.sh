#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# flux.sh   builds Flux's source-, kustomize- and helm-controller from their Go modules, loads them into the one-node cluster as images,
#           and writes bin/flux: their manifests with these images, as a kustomization. Exits with 3 and a message if the modules
#           cannot be downloaded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=bin/flux
controllers=(source-controller kustomize-controller helm-controller)
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
for c in "${controllers[@]}"; do
  (cd "hack/tools/$c" && GOFLAGS=-mod=readonly go list -deps "github.com/fluxcd/$c" >/dev/null 2>"$errors") ||
    { echo "the modules of $c cannot be downloaded: $(tail -1 "$errors")"; exit 3; }
  hack/tools/build.sh "$c"
done
rm -rf "$out"
mkdir -p "$out"
cp hack/flux/*.yaml "$out/"
for c in "${controllers[@]}"; do
  module=$(cd "hack/tools/$c" && GOFLAGS=-mod=readonly go list -m -f '{{.Dir}}' "github.com/fluxcd/$c")
  cp -r --no-preserve=mode "$module/config/manager" "$out/$c"
  mkdir -p "$out/crds"
  cp --no-preserve=mode "$module"/config/crd/bases/*.yaml "$out/crds/"
  tag=$(sha256sum "bin/$c" | cut -c1-12)
  image=journeyman.local/$c:$tag
  hack/cluster/load-image.sh "$image" "bin/$c" >/dev/null
  printf -- '- name: fluxcd/%s\n  newName: %s\n  newTag: "%s"\n' "$c" "${image%:*}" "$tag" >>"$out/kustomization.yaml"
done
crds=("$out"/crds/*.yaml)
{ echo 'resources:'; printf -- '- %s\n' "${crds[@]##*/}"; } >"$out/crds/kustomization.yaml"
