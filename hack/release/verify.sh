#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# verify.sh DIST [ALLOWED_SIGNERS]   checks a release as described in docs/release.md: all files, and the signature of SHA256SUMS if a file of allowed
# signers is given.
set -euo pipefail
dist=${1:?usage: verify.sh DIST [ALLOWED_SIGNERS]}
if [ $# -gt 1 ]; then
  signers=$(realpath "$2")
  ssh-keygen -Y verify -n journeyman-release -I release@journeyman.dev -f "$signers" -s "$dist/SHA256SUMS.sig" <"$dist/SHA256SUMS"
fi
cd "$dist"
sha256sum --check --strict --quiet SHA256SUMS
echo "$(wc -l <SHA256SUMS) files agree with SHA256SUMS"
