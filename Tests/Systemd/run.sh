#!/bin/bash
# Tests mpushd under a real systemd, booted in a sandbox that leaves nothing behind.
#
#   run.sh MPUSHD MPUSH_SIM        the two programs to test
#
# Exit status: 0 if every check passed; 1 if one did not; 2 on wrong usage; 77 if this machine cannot host the sandbox,
# with the reason on standard error.

set -euo pipefail

here=$(dirname "$(realpath "$0")")

[ $# = 2 ] || { echo 'usage: run.sh MPUSHD MPUSH_SIM' >&2; exit 2; }
for program in "$@"; do
    [ -x "$program" ] || { echo "run.sh: $program: no such program" >&2; exit 2; }
    case $(realpath "$program") in
        # The sandbox has these directories for itself.
        /run/* | /dev/* | /proc/* | /sys/*) echo "run.sh: $program: copy it elsewhere first" >&2; exit 2 ;;
    esac
done

status=0
"$here/systemd-sandbox.sh" run "$here/in-sandbox.sh" "$(realpath "$1")" "$(realpath "$2")" </dev/null || status=$?
case $status in
    0) ;;
    77)
        echo '*** NOT TESTED: mpushd under a real systemd. The line above says what this machine lacks. ***' >&2
        exit 77 ;;
    *) exit 1 ;;
esac
