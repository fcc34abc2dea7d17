#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Mutation testing: gremlins changes one operator of the code at a time, and the tests have to fail. Usage: mutation.sh [SUBJECT...]; without
# one, all subjects. It fails when less than 90 % of the mutants that tests reach are noticed. test/mutation/README.md has the survivors.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
LEAST=${LEAST:-90}
# A subject is a folder, whose own tests and those below it have to notice, and the files to mutate; no files are all of them.
declare -A subjects=(
  [progression]="internal/journey/progression"
  [journeymap]="internal/controller/journeymap conditions.go datafresh.go dropoff.go"
  [metricreport]="internal/controller/metricreport conditions.go"
  [touchpointsource]="internal/controller/touchpointsource conditions.go reach.go secret.go takeup.go waiting.go"
  [eventstore]="internal/controller/eventstore conditions.go identities.go lost.go"
  [event]="internal/event"
  [identity]="internal/identity"
  [mapping]="internal/mapping"
)
order=(progression journeymap metricreport touchpointsource eventstore event identity mapping)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Only what git knows: gremlins copies the whole tree, and bin/ is large.
git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read 2>/dev/null | tar -x -C "$work"
hack/tools/build.sh gremlins
GO=$(command -v go)
export GO PATH=$ROOT/hack/mutation:$PATH
# A mutant that the vet of go test refuses was not noticed by a test.
export GOFLAGS="$GOFLAGS -vet=off"
# A mutant can loop and allocate without an end.
ulimit -v $((8 << 20))

# mutate SUBJECT: prints each survivor, and the sums.
mutate() {
  local folder file flags=() files
  read -r folder files <<<"${subjects[$1]:?mutation.sh has no subject $1; it has: ${order[*]}}"
  if [ -n "$files" ]; then
    for file in "$folder"/*.go; do
      [[ " $files " == *" ${file##*/} "* ]] || flags+=(--exclude-files "^${file##*/}\$")
    done
  fi
  say "Mutants of $1"
  (cd "$work" && "$ROOT/bin/gremlins" unleash "./$folder" --coverpkg "./$folder/..." "${flags[@]}" --workers 1 --timeout-coefficient "${PATIENCE:-10}" \
    --invert-logical --output-statuses "${STATUSES:-lt}" --output "$REPORTS/mutants-$1.json" --threshold-efficacy "$LEAST")
}
mkdir -p "$REPORTS"
failed=()
for subject in "${@:-${order[@]}}"; do
  mutate "$subject" || failed+=("$subject")
done
[ ${#failed[@]} = 0 ] || die "mutation.sh: less than $LEAST % noticed, or no result: ${failed[*]}"
