#!/usr/bin/env bash
# use.sh up WHO     starts the cluster if it is not running, and registers WHO as a user of it
# use.sh down WHO   removes the registration, and stops the cluster if use.sh started it and nobody uses it any more
# use.sh who        lists the users
# So a demo, a test run and a developer can share the cluster of a machine, and none stops it while others use it.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
USERS=$CLUSTER_HOME/users
usage() { sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
verb=${1:-} who=${2:-}
case $who in *[!a-z0-9-]*) die "use.sh: the name of a user can only have lowercase letters, digits and hyphens: $who" ;; esac
mkdir -p "$USERS"
exec 7>"$CLUSTER_HOME/.users.lock"
flock -w 1800 7 || die "use.sh: another use.sh has not ended in 30 minutes"
case $verb in
  up)
    [ -n "$who" ] || usage
    if ! [ -e "$RT/up" ] || ! k get --raw /readyz --request-timeout=5s >/dev/null 2>&1; then
      rm -f "$USERS"/* # notes of a cluster that is gone
      [ ! -d "$RT" ] || bash "$KIT/down.sh" --keep 7>&- >&2 || true # half up, or dead after a reboot
      bash "$KIT/up.sh" 7>&-
      : > "$USERS/.started-by-use"
    fi
    : > "$USERS/$who"
    ;;
  down)
    [ -n "$who" ] || usage
    [ -e "$USERS/$who" ] || { echo "$who does not use the cluster"; exit 0; }
    rm -f "$USERS/$who"
    left=$(ls "$USERS")
    if [ -n "$left" ]; then
      echo "the cluster stays up: used by" $left
    elif [ -e "$USERS/.started-by-use" ]; then
      rm -f "$USERS/.started-by-use"
      bash "$KIT/down.sh" 7>&-
    else
      echo "the cluster stays up: it was started by hand (hack/cluster/down.sh ends it)"
    fi
    ;;
  who) ls "$USERS" ;;
  *) usage ;;
esac
