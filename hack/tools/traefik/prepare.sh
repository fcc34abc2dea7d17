#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Writes bin/lego, which Traefik is built with: its ACME library without DNS providers. Some of these need modules that the module proxy does not
# have, and together they would be most of the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
version=v5.4.1 sum='h1:Jt6xAP9xQrJ3SLLGgxejfDDd3pzdrmuLCWe4oTqHHQc='
out=$PWD/bin/lego
[ "$(cat "$out/.sum" 2>/dev/null)" != "$version $sum" ] || exit 0
outside=$(mktemp -d) # of the module that replaces the library
trap 'rm -rf "$outside"' EXIT
got=$(cd "$outside" && GOFLAGS= GO111MODULE=on go mod download -json "github.com/go-acme/lego/v5@$version")
field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$got"; }
[ "$(field Sum)" = "$sum" ] || { echo "prepare.sh: github.com/go-acme/lego/v5@$version is not $sum: $got" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out/providers/dns"
(cd "$(field Dir)" && cp -r --no-preserve=mode acme certcrypto certificate challenge internal lego log platform registration LICENSE go.mod "$out/")
find "$out" -name '*_test.go' -delete
cat >"$out/providers/dns/dns.go" <<'EOF'
// Package dns has no providers.
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v5/challenge"
)

// NewDNSChallengeProviderByName knows no name.
func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("this Traefik was built without DNS providers, such as %q", name)
}
EOF
echo "$version $sum" >"$out/.sum"
