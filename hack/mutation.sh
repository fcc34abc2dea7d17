#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Mutation testing: gremlins changes one operator of the code at a time, and the tests must fail. Usage: mutation.sh [SUBJECT...]; the default is all
# subjects. It fails if less than 90 % of the mutants that tests reach are noticed. test/mutation/README.md lists the survivors. With ONEBUILD=1,
# hack/mutation/onebuild runs the same mutants in minutes instead of hours.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
LEAST=${LEAST:-90}
# A subject is a folder, whose tests, with those of its subfolders, must notice the mutants, and the files to mutate (default: all files of the
# folder).
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

# A mutant can loop forever or allocate without limit.
ulimit -v $((8 << 20))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

prepare_onebuild() { go build -o "$work/onebuild" ./hack/mutation/onebuild; }

mutate_onebuild() {
  local folder files
  read -r folder files <<<"${subjects[$1]}"
  # shellcheck disable=SC2086 # names of files
  "$work/onebuild" -least "$LEAST" -patience "${PATIENCE:-5}" "$folder" $files
}

prepare_gremlins() {
  # Copy only tracked files, because gremlins copies the whole tree, and bin/ is large.
  git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read 2>/dev/null | tar -x -C "$work"
  hack/tools/build.sh gremlins
  GO=$(command -v go)
  export GO PATH=$ROOT/hack/mutation:$PATH
  # A mutant that only the vet of go test refuses was not noticed by a test.
  export GOFLAGS="$GOFLAGS -vet=off"
}

mutate_gremlins() {
  local folder file flags=() files
  read -r folder files <<<"${subjects[$1]}"
  if [ -n "$files" ]; then
    for file in "$folder"/*.go; do
      [[ " $files " == *" ${file##*/} "* ]] || flags+=(--exclude-files "^${file##*/}\$")
    done
  fi
  (cd "$work" && "$ROOT/bin/gremlins" unleash "./$folder" --coverpkg "./$folder/..." "${flags[@]}" --workers 1 --timeout-coefficient "${PATIENCE:-10}" \
    --invert-logical --output-statuses "${STATUSES:-lt}" --output "$REPORTS/mutants-$1.json" --threshold-efficacy "$LEAST")
}
mkdir -p "$REPORTS"
runner=gremlins
[ -z "${ONEBUILD:-}" ] || runner=onebuild
"prepare_$runner"
failed=()
for subject in "${@:-${order[@]}}"; do
  [ -n "${subjects[$subject]:-}" ] || die "mutation.sh has no subject $subject; it has: ${order[*]}"
  say "Mutants of $subject"
  "mutate_$runner" "$subject" || failed+=("$subject")
done
[ ${#failed[@]} = 0 ] || die "mutation.sh: less than $LEAST % noticed, or no result: ${failed[*]}"
