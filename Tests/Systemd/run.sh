#!/bin/bash
# Tests mpushd under a real systemd, booted in a sandbox that leaves nothing behind; one for each script.
#
#   run.sh MPUSHD|PACKAGE MPUSH_SIM [SCRIPT...]     what to test, the simulator, and the scripts (all of this directory
#                                                   where none is given)
#
# Exit status: 0 if every check passed; 1 if one did not; 2 on wrong usage; 77 if this machine cannot host the sandbox,
# with the reason on standard error.

set -euo pipefail

here=$(dirname "$(realpath "$0")")

[ $# -ge 2 ] || { echo 'usage: run.sh MPUSHD|PACKAGE MPUSH_SIM [SCRIPT...]' >&2; exit 2; }
subject=$(realpath "$1")
simulator=$(realpath "$2")
shift 2
for file in "$subject" "$simulator"; do
    [ -f "$file" ] || { echo "run.sh: $file: no such file" >&2; exit 2; }
    case $file in
        # The sandbox has these directories for itself.
        /run/* | /dev/* | /proc/* | /sys/*) echo "run.sh: $file: copy it elsewhere first" >&2; exit 2 ;;
    esac
done

[ $# -gt 0 ] || set -- "$here/in-sandbox.sh" "$here/units.sh"
failed=0
for script in "$@"; do
    status=0
    "$here/systemd-sandbox.sh" run "$script" "$subject" "$simulator" </dev/null || status=$?
    case $status in
        0) ;;
        77)
            echo '*** NOT TESTED: mpushd under a real systemd. The line above says what this machine lacks. ***' >&2
            exit 77 ;;
        *) failed=1 ;;
    esac
done
exit $failed
