#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzz target of the repository for FUZZTIME, one after the other, and fails at the end if one failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
collect_failures
trap repeat_failures EXIT
failed=0
for file in $(git grep -lE '^func Fuzz' -- '*_test.go'); do
  for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]+' "$file" | cut -c6-); do
    say "$target in $(dirname "$file")"
    tested go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" -fuzzminimizetime 1s || failed=$?
  done
done
exit "$failed"
