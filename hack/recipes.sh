#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# recipes.sh NAME...   builds the controllers of other projects in the recipes of the docs (the folders of hack/recipes) from their Go modules, loads
#                      them into the one-node cluster as images, and writes bin/recipes/NAME: the manifests of their modules with these images, as a
#                      kustomization. Prints the names of the controllers that are ready. If a module cannot be downloaded, prints why and continues.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
declare -A module=(
  [argo-rollouts]=github.com/argoproj/argo-rollouts [flagger]=github.com/fluxcd/flagger [cert-manager]=github.com/cert-manager/cert-manager
  [traefik]=github.com/traefik/traefik/v3
)
# What each controller uses of its module: manifests; for cert-manager the roles of its chart, rendered by Helm; and for Traefik the roles in its
# docs, and the CRDs of the Gateway API that it is built with.
manifests() {
  local name=$1 from=$2 to=$3
  case $name in
    argo-rollouts)
      cp -r --no-preserve=mode "$from/manifests" "$to/manifests"
      # kustomize then sets the namespace of the account in the binding
      sed -i '/^  namespace: argo-rollouts$/d' "$to/manifests/cluster-install/argo-rollouts-clusterrolebinding.yaml"
      ;;
    flagger) cp -r --no-preserve=mode "$from/kustomize/base/flagger" "$to/manifests" ;;
    cert-manager)
      hack/tools/build.sh helm
      mkdir -p "$to/manifests"
      cp --no-preserve=mode "$from"/deploy/crds/*.yaml "$to/manifests/"
      bin/helm template cert-manager "$from/deploy/charts/cert-manager" --namespace cert-manager \
        --set global.leaderElection.namespace=cert-manager -s templates/rbac.yaml -s templates/serviceaccount.yaml >"$to/manifests/rules.yaml"
      listed "$to/manifests"
      ;;
    traefik)
      mkdir -p "$to/manifests"
      cp --no-preserve=mode "$(folder traefik sigs.k8s.io/gateway-api)"/config/crd/standard/gateway.networking.k8s.io_[a-u]*.yaml "$to/manifests/"
      for provider in gateway ingress-nginx; do # the first document is the role; the second binds it to another account
        sed '/^---$/,$d' "$from/docs/content/reference/dynamic-configuration/kubernetes-$provider-rbac.yml" >"$to/manifests/$provider.yaml"
      done
      listed "$to/manifests"
      ;;
  esac
}
# listed DIR: writes a kustomization of all files in the folder.
listed() { (cd "$1" && files=(*.yaml) && { echo 'resources:'; printf -- '- %s\n' "${files[@]}"; } >kustomization.yaml); }
# folder NAME MODULE: prints the folder of the module that the controller is built from.
folder() { (cd "hack/tools/$1" && GOFLAGS=-mod=readonly go list -m -f '{{.Dir}}' "$2"); }
ready=()
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
for name in "$@"; do
  package=tool
  [ ! -f "hack/tools/$name/main.go" ] || package=.
  [ ! -x "hack/tools/$name/prepare.sh" ] || "hack/tools/$name/prepare.sh" || continue # it says why
  if ! (cd "hack/tools/$name" && GOFLAGS=-mod=readonly go list -deps "$package" >/dev/null 2>"$errors"); then
    echo "the modules of $name cannot be downloaded: $(tail -1 "$errors")" >&2
    continue
  fi
  hack/tools/build.sh "$name"
  out=bin/recipes/$name
  rm -rf "$out"
  mkdir -p "$out"
  cp "hack/recipes/$name"/*.yaml "$out/"
  manifests "$name" "$(folder "$name" "${module[$name]}")" "$out"
  image=journeyman.local/$name
  tag=$(sha256sum "bin/$name" | cut -c1-12)
  hack/cluster/load-image.sh "$image:$tag" "bin/$name" >/dev/null
  printf -- '  newName: %s\n  newTag: "%s"\n' "$image" "$tag" >>"$out/kustomization.yaml"
  ready+=("$name")
done
echo "${ready[*]}"
