#!/bin/bash
# Tests mpushd on networks that change, each in network namespaces of its own.
#
#   run.sh MPUSHD MPUSHCTL MPUSH_SIM [SCRIPT...]     the programs, and the scripts (all of this directory where none is given)
#
# Exit status: 0 if every check passed; 1 if one did not; 2 on wrong usage; 77 if this machine allows no network namespaces,
# with the reason on standard error.

set -euo pipefail

here=$(dirname "$(realpath "$0")")
[ $# -ge 3 ] || { echo 'usage: run.sh MPUSHD MPUSHCTL MPUSH_SIM [SCRIPT...]' >&2; exit 2; }
programs=("$(realpath "$1")" "$(realpath "$2")" "$(realpath "$3")")
shift 3
[ $# -gt 0 ] || set -- "$here"/test_*.py

for tool in python3 ip unshare nsenter; do
    command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 77; }
done
# Two namespaces with a link between them, as the tests make them.
# shellcheck disable=SC2016   # the inner shell has these
reason=$(unshare -n bash -c 'unshare -n sleep 5 & sleep 0.2; ip link add p0 type veth peer name p1 netns $!; r=$?; kill $!; exit $r' 2>&1) ||
    { echo "run.sh: no network namespaces here: $reason" >&2; exit 77; }

failed=0
for script; do
    echo "== $(basename "$script")"
    timeout 300 python3 "$script" "${programs[@]}" || failed=1
done
exit $failed
