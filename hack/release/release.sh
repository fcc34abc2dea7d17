#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# release.sh VERSION DIST   makes all files of a release (docs/release.md lists them). The same commit, version and tools give the same
# bytes in any folder.
#   REGISTRY=HOST/OWNER   registry of image and chart (default ghcr.io/journeyman-dev); install.yaml and the chart contain it
#   SIGNING_KEY=FILE      private key of OpenSSH that signs SHA256SUMS
#   BUILDER=URI           the builder, for the provenance
#   PLATFORMS='OS-ARCH …' fewer platforms than all, for a quick check
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$ROOT"
version=${1#v} dist=${2:-dist}
repository=https://github.com/journeyman-dev/journeyman
# Semantic versions without build metadata, because tags of registries cannot contain a plus sign.
number='(0|[1-9][0-9]*)'
[[ $version =~ ^$number\.$number\.$number(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$ ]] ||
  die "release: \"$version\" is not a semantic version: set VERSION=1.2.3 or VERSION=1.2.3-rc.1"
dirty=$(git status --porcelain)
[ -z "$dirty" ] || die "release: these files are not committed; commit or remove them:"$'\n'"$dirty"
if git rev-parse -q --verify "refs/tags/v$version^{commit}" >/dev/null; then
  [ "$(git rev-parse "v$version^{commit}")" = "$(git rev-parse HEAD)" ] || die "release: the tag v$version is on another commit; check it out, or use another version"
fi
[ -z "${SIGNING_KEY:-}" ] || [ -r "$SIGNING_KEY" ] || die "release: SIGNING_KEY=$SIGNING_KEY cannot be read"

say "Tools"
ensure_build_packages
for tool in release cyclonedx-gomod helm kustomize; do hack/tools/build.sh "$tool"; done
work=$(mktemp -d "${TMPDIR:-/tmp}/journeyman-release.XXXXXX")
overlay=$(mktemp -d config/.release-XXXXXX)
trap 'rm -rf "$work" "$overlay"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# No program uses cgo, so one machine builds all platforms. Images are for Linux. To add an architecture, add a word here.
images=() plugins=(${PLATFORMS:-linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64})
for platform in "${plugins[@]}"; do [[ $platform != linux-* ]] || images+=("$platform"); done
for platform in "${plugins[@]}"; do
  say "Programs for $platform"
  programs=(kubectl-journey)
  [[ " ${images[*]} " != *" $platform "* ]] || programs+=(operator ingest store analysis)
  OUT=$work/bin/$platform VERSION=v$version TRIMPATH=1 GOOS=${platform%-*} GOARCH=${platform#*-} hack/build.sh "${programs[@]}"
done

say "Licences and SBOMs"
bin/release licences -out "$work/THIRD_PARTY_LICENSES.txt" "$work"/bin/*/*
# cyclonedx-gomod finds the licence of a module only if it was downloaded by its name and version, and only warns otherwise. A build downloads it by
# go.mod, which leaves out what is needed to look it up again. So an SBOM would depend on what the machine did before.
mkdir "$work/modules"
for program in "$work"/bin/*/*; do go version -m "$program"; done | awk '$1 == "dep" { print $2 "@" $3 }' | sort -u |
  (cd "$work/modules" && GOFLAGS='' xargs go mod download)
for platform in "${plugins[@]}"; do
  mkdir -p "$work/sbom/$platform"
  for program in "$work/bin/$platform"/*; do
    # Without a proxy, it does not look for our own version, which is not published yet.
    GOPROXY=off bin/cyclonedx-gomod bin -json -noserial -notimestamp -std -licenses -version "v$version" \
      -output "$work/sbom/$platform/$(basename "$program" .exe).json" "$program" 2>"$work/sbom.log" || die "$(cat "$work/sbom.log")"
    if without=$(grep "can't resolve module license" "$work/sbom.log" | grep -vE 'github.com/journeyman-dev/journeyman@|[^a-z/]std@|0mstd@'); then
      die "release: the SBOM of $program lacks licences:"$'\n'"$without"
    fi
  done
done

say "Images"
mkdir -p "$work/image"
for platform in "${images[@]}"; do
  OUT=$work/bin/$platform hack/image.sh --tag "$version" LICENSE:/licenses/LICENSE "$work/THIRD_PARTY_LICENSES.txt:/licenses/THIRD_PARTY_LICENSES.txt" >/dev/null
  mv "$work/bin/$platform/journeyman.tar" "$work/image/$platform.tar"
done

say "Manifests and chart"
mkdir -p "$work"/{manifests,chart}
bin/kustomize build config/crd >"$work/manifests/crds.yaml"
bin/kustomize build config/default >"$work/manifests/install.yaml"
# A binding contains the namespace of its account, so the manifest has a fixed namespace.
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: journeyman\nresources: [../namespaced]\n' >"$overlay/kustomization.yaml"
bin/kustomize build "$overlay" >"$work/manifests/install-namespaced.yaml"
cp -r charts/journeyman "$work/chart/"
{
  printf 'go\t%s\n' "$(go env GOVERSION)"
  [ ! -r /etc/ssl/certs/ca-certificates.crt ] || printf '/etc/ssl/certs/ca-certificates.crt\tsha256:%s\n' "$(sha256sum </etc/ssl/certs/ca-certificates.crt | cut -c1-64)"
} >"$work/tools.tsv"

say "Files"
rm -rf "$dist"
mkdir -p "$dist"
bin/release pack -version "$version" -commit "$(git rev-parse HEAD)" -epoch "$SOURCE_DATE_EPOCH" -repository "$repository" \
  -registry "${REGISTRY:-ghcr.io/journeyman-dev}" -builder "${BUILDER:-$repository/blob/main/docs/release.md#provenance}" \
  -helm "$PWD/bin/helm" -work "$work" -dist "$dist"
if [ -n "${SIGNING_KEY:-}" ]; then
  ssh-keygen -q -Y sign -n journeyman-release -f "$SIGNING_KEY" "$dist/SHA256SUMS"
fi
(cd "$dist" && ls -l | awk 'NR > 1 {printf "  %11d  %s\n", $5, $9}')
