#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Prints the libraries of C and C++ that a static program gets from this machine, a line each: name, version and package URL, with tabs. Only
# where dpkg knows; elsewhere the compiler's version, which the provenance has, is all that can be told.
set -euo pipefail
command -v dpkg-query >/dev/null || exit 0
. /etc/os-release
for library in libstdc++.a libgcc.a libgcc_eh.a libc.a libm.a; do
  file=$(realpath "$(g++ -print-file-name="$library")")
  package=$(dpkg-query -S "$file" 2>/dev/null) || continue
  dpkg-query -W -f='${binary:Package}\t${Version}\t${Architecture}\n' "${package%%: *}"
done | sort -u | while IFS=$'\t' read -r package version arch; do
  printf '%s\t%s\tpkg:deb/%s/%s@%s?arch=%s\n' "${package%%:*}" "$version" "$ID" "${package%%:*}" "${version//+/%2B}" "$arch"
done
