# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the scripts in this folder: small functions without side effects.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export CLUSTER_HOME=${CLUSTER_HOME:-$HOME/.cache/one-node-cluster}
export GOFLAGS=${GOFLAGS:--tags=netgo,osusergo}
# No C compiler is needed.
export CGO_ENABLED=${CGO_ENABLED:-0}
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Folder of the JUnit reports of the specs.
export REPORTS=${REPORTS:-$ROOT/bin/reports}
die() { printf '%s\n' "$*" >&2; exit 1; }

# missing_for_build: prints the Debian packages that the build needs and that are not installed, one per line.
missing_for_build() {
  command -v make >/dev/null || echo make
  command -v git >/dev/null || echo git
  command -v ip >/dev/null || echo iproute2
}

# go_problem: prints why the Go tool chain cannot be used, or nothing.
go_problem() {
  command -v go >/dev/null || { echo "Go is not installed: 1.26 or newer is needed"; return; }
  local v
  v=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*$//')
  [ "$(printf '1.26\n%s\n' "$v" | sort -V | head -1)" = 1.26 ] || echo "Go $v is too old: 1.26 or newer is needed"
}

# ensure_build_packages: installs the missing packages (on Debian, as root), or prints what to install.
ensure_build_packages() {
  local why want
  why=$(go_problem)
  [ -z "$why" ] || die "preflight: $why"
  want=$(missing_for_build | tr '\n' ' ')
  [ -n "$want" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "preflight: installing $want"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $want >/dev/null
    [ -z "$(missing_for_build)" ] || die "preflight: still missing: $(missing_for_build | tr '\n' ' ')"
  else
    die "preflight: missing: $want; on Debian and Ubuntu: apt-get install $want"
  fi
}

# counterparts: installs other people's programs that tests run Journeyman against, on Debian and as root. A test that misses one is skipped in one line.
counterparts() {
  local want=()
  command -v java >/dev/null || want+=(default-jre-headless)
  command -v mvn >/dev/null || want+=(maven)
  command -v kcat >/dev/null || want+=(kcat)
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || want+=(rabbitmq-server)
  [ -x /usr/sbin/sshd ] || want+=(openssh-server)
  [ -x /usr/sbin/mosquitto ] && command -v mosquitto_pub >/dev/null || want+=(mosquitto mosquitto-clients)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || want+=(postgresql)
  [ -x /usr/sbin/mariadbd ] || want+=(mariadb-server)
  [ "${#want[@]}" -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "not installed: ${want[*]}"; return 0; }
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${want[@]}" >/dev/null; } ||
    echo "apt-get cannot install all of ${want[*]}: tests that need them are skipped"
}

# no_time_for WHAT FILE WARM COLD: prints why a suite cannot run in the remaining time of CI (JOURNEYMAN_CI_END, in seconds since 1970; not set
# outside CI). It needs WARM minutes if the program FILE in ~/.cache is already built, and COLD minutes otherwise.
no_time_for() {
  local left need=$3
  [ -n "${JOURNEYMAN_CI_END:-}" ] || return 0
  [ -x "${XDG_CACHE_HOME:-$HOME/.cache}/$2" ] || need=$4
  left=$(((JOURNEYMAN_CI_END - $(date +%s)) / 60))
  [ "$left" -ge "$need" ] || echo "$1 not run: $left minutes of CI's time are left, and they need $need on this machine"
}

# no_cluster_reason: prints why the one-node cluster cannot run here, or nothing.
no_cluster_reason() {
  [ "$(uname -s)" = Linux ] || { echo "it needs Linux, this is $(uname -s)"; return; }
  [ "$(id -u)" = 0 ] || { echo "it needs root (kubelet and containers)"; return; }
  command -v apt-get >/dev/null || { echo "it needs apt-get for runc and the CNI plugins"; return; }
  command -v ip >/dev/null || { echo "it needs ip, of the package iproute2"; return; }
  ip link add jm-probe0 type bridge 2>/dev/null ||
    { echo "this machine does not allow a network bridge to be made (a container without NET_ADMIN?)"; return; }
  ip link del jm-probe0
}

# alertmanager: prints the path of Debian's Alertmanager, which is unpacked into ~/.cache without installing it, or nothing if it is not available.
# amtool is in the same folder. Alertmanager reads its templates in /usr/share, so it runs with its own view of that folder. (Its Go module does not
# contain the files of its web UI, so it cannot be built from it.)
alertmanager() {
  local home=$HOME/.cache/journeyman-alertmanager
  if [ ! -x "$home/alertmanager" ]; then
    mkdir -p "$home"
    (cd "$home" && { apt-get download -qq prometheus-alertmanager || { apt-get update -qq && apt-get download -qq prometheus-alertmanager; }; } >&2 &&
      dpkg -x prometheus-alertmanager_*.deb . && rm -f ./*.deb && ln -sf usr/bin/amtool amtool) ||
      { echo "Alertmanager cannot be had from apt: no alert goes through it in the tests" >&2; return 0; }
    cat > "$home/alertmanager.new" <<EOF
#!/bin/sh
exec unshare -m sh -c 'mount --bind "\$0/usr/share" /usr/share && exec "\$0/usr/bin/prometheus-alertmanager" "\$@"' "$home" "\$@"
EOF
    chmod +x "$home/alertmanager.new"
    mv "$home/alertmanager.new" "$home/alertmanager"
  fi
  echo "$home/alertmanager"
}

# timed NAME COMMAND...: says the name and runs the command. make test prints what begins and ends, and how long each took, from the file that
# JOURNEYMAN_STEPS names.
timed() {
  local name=$1 began=$SECONDS rc=0 steps=${JOURNEYMAN_STEPS:-/dev/null}
  shift
  say "$name"
  printf '\t\t%s\n' "$name" >> "$steps"
  "$@" || rc=$?
  printf '%s\t%s\t%s\n' "$((SECONDS - began))" "$rc" "$name" >> "$steps"
  [ "$rc" = 0 ] || echo "$name: exit code $rc" >> "${JOURNEYMAN_FAILURES:-/dev/null}"
  return "$rc"
}

# collect_failures: also writes failures to a file from now on. repeat_failures prints it, because a CI may show only the end of a log. It does
# nothing if the calling script collects failures already.
collect_failures() {
  [ -z "${JOURNEYMAN_FAILURES:-}" ] || return 0
  mkdir -p "$REPORTS"
  export JOURNEYMAN_FAILURES=$REPORTS/failures.txt
  : > "$JOURNEYMAN_FAILURES"
  repeats_failures=1
}

# repeat_failures: prints the failures that this script collected, as the suites and go test wrote them.
repeat_failures() {
  [ -n "${repeats_failures:-}" ] && [ -s "$JOURNEYMAN_FAILURES" ] || return 0
  say "What failed"
  tail -c 20000 "$JOURNEYMAN_FAILURES"
}

# tested COMMAND...: runs go test. If it fails, its output without the packages that passed is added to the failures.
tested() {
  local log rc=0
  log=$(mktemp)
  "$@" 2>&1 | tee "$log" || rc=$?
  [ "$rc" = 0 ] || grep -Ev '^(ok|[?]) ' "$log" >> "${JOURNEYMAN_FAILURES:-/dev/null}" || true
  rm -f "$log"
  return "$rc"
}

# build_specs NAME: compiles the specs of test/NAME, and Ginkgo's CLI in the version of go.mod.
build_specs() {
  go build -o "$ROOT/bin/ginkgo" github.com/onsi/ginkgo/v2/ginkgo && "$ROOT/bin/ginkgo" build "$ROOT/test/$1"
}

# specs NAME REPORT FLAGS...: runs the specs of test/NAME that build_specs compiled. The JUnit report is $REPORTS/REPORT.xml. LABELS is an additional
# label filter, such as 'faults && !slow'. SPECFLAGS are additional flags of Ginkgo's CLI, such as --focus=quota. Without these two, it is an error if
# no spec runs, because the label of a flag then does not exist any more. make test-full watches for an hour, so its runs have a longer timeout.
specs() {
  local name=$1 report=$2 filter=${LABELS:-} timeout=40m empty=
  [ -z "${JOURNEYMAN_FULL:-}" ] || timeout=90m
  [ -n "${LABELS:-}${SPECFLAGS:-}" ] || empty=--fail-on-empty
  shift 2
  if [ "${1:-}" = --only ]; then # both filters have to let a spec through
    filter="${filter:+($filter) && }($2)"
    shift 2
  fi
  mkdir -p "$REPORTS"
  "$ROOT/bin/ginkgo" run --timeout="$timeout" $empty ${filter:+--label-filter="$filter"} --junit-report="$report.xml" --output-dir="$REPORTS" "$@" \
    ${SPECFLAGS:-} "$ROOT/test/$name/$name.test"
}

# parallel_specs: prints how many processes share an API server. Specs wait most of the time, so there can be more than processors.
parallel_specs() { echo "--procs=$((2 * $(nproc)))"; }
