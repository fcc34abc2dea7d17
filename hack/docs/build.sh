#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# build.sh [serve]   builds the docs site into bin/site, and fails for links and anchors without a target, and for pages that are not in the
# navigation. serve shows it on this machine, and rebuilds it after each change. The tools are cached in ~/.cache. If they cannot be downloaded, it
# prints a message and succeeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
skip() { echo "docs site: skipped, $*"; exit 0; }
command -v python3 >/dev/null || skip "there is no python3"
requirements=hack/docs/requirements.txt
sum=$({ python3 --version; cat "$requirements"; } | sha256sum | cut -c1-16)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/journeyman-docs/$sum
if [ ! -e "$venv/ready" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" 2>/dev/null || skip "python3 has no venv (Debian: python3-venv)"
  "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$requirements" ||
    skip "its packages cannot be had"
  touch "$venv/ready"
fi
# The theme prints an advertisement for its successor at each start.
export NO_MKDOCS_2_WARNING=1
if [ "${1:-}" = serve ]; then
  exec "$venv/bin/mkdocs" serve --dev-addr 127.0.0.1:8000
fi
# Not --quiet, which also hides the warnings that --strict counts.
"$venv/bin/mkdocs" build --strict 2>&1 | sed '/^INFO /d'
echo "docs site: $(find bin/site -name '*.html' | wc -l) pages in bin/site"
