#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# check.sh   makes the release of this commit in two checkouts in two folders, and compares them byte by byte. Then it verifies one like a user, and
# installs the plugin of each platform with krew. With COLD=1, the second checkout has its own build cache, so that nothing of the first build is reused.
# With PLATFORMS='linux-amd64', the check is of this platform alone.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$ROOT"
room=$(mktemp -d "${TMPDIR:-/tmp}/journeyman-check.XXXXXX")
trap 'chmod -R u+w "$room"; rm -rf "$room"' EXIT
commit=$(git rev-parse HEAD)
made() { # FOLDER: clones the commit into it and makes its release; the tools are those of this checkout
  git clone -q --no-checkout "$ROOT" "$1"
  git -C "$1" checkout -q --detach "$commit"
  mkdir -p bin "$1/bin"
  for tool in release cyclonedx-gomod helm kustomize; do
    hack/tools/build.sh "$tool"
    cp "bin/$tool" "bin/.$tool.sum" "$1/bin/"
  done
  "$1/hack/release/release.sh" 0.0.0-check "$1/dist"
}
ssh-keygen -q -t ed25519 -N '' -C check -f "$room/key"
export SIGNING_KEY=$room/key
made "$room/a"
if [ "${COLD:-}" = 1 ]; then
  GOCACHE=$room/cache made "$room/another/folder"
else
  made "$room/another/folder"
fi
say "Compare"
diff -r "$room/a/dist" "$room/another/folder/dist" || die "release: two builds of $commit differ"
! grep -rlaF "$room" "$room/a/dist" || die "release: these files contain the folder that they were built in"
echo "two builds of $commit in two folders are the same, byte by byte"
say "Verify"
printf 'release@journeyman.dev %s\n' "$(cat "$room/key.pub")" >"$room/allowed_signers"
hack/release/verify.sh "$room/a/dist" "$room/allowed_signers"
say "Install the plugin with krew"
hack/tools/build.sh krew
for archive in "$room"/a/dist/kubectl-journey-*.tar.gz; do
  platform=$(grep -oE '(linux|darwin|windows)-(amd64|arm64)' <<<"${archive##*/}")
  store=$room/krew/$platform
  # Without its index, krew has nothing to update and asks nobody.
  KREW_ROOT=$store KREW_OS=${platform%-*} KREW_ARCH=${platform#*-} KREW_NO_UPGRADE_CHECK=1 \
    bin/krew install --manifest="$room/a/dist/journey.yaml" --archive="$archive" 2>"$room/krew.log" || die "$(cat "$room/krew.log")"
  [ -x "$(echo "$store"/bin/kubectl-journey*)" ] || die "release: krew installed no plugin for $platform"
  echo "$platform"
done
"$room/krew/$(go env GOHOSTOS)-$(go env GOHOSTARCH)/bin/kubectl-journey" --version
