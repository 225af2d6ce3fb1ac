#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The examples of followers and `mpushctl follow --exec`, as a user of the service's group runs them. Runs as root in the sandbox;
# Tests/Systemd/run.sh boots it.
#
#   followers.sh MPUSHD|PACKAGE MPUSH_SIM

set -u

# shellcheck source=../Systemd/sandbox.sh
. "$(dirname "$(realpath "$0")")/../Systemd/sandbox.sh"

# Where every user may read them.
work=$(mktemp -d)
chmod 755 "$work"
install -m 644 -t "$work" "$project"/config/examples/follow*

# as_member NAME COMMAND...: runs it as a user of the group that may make changes, until the end of the test.
as_member() {
    local name=$1
    shift
    setsid setpriv --reuid 4711 --regid "$(getent group mpush | cut -d: -f3)" --clear-groups "$@" \
        >"$work/$name.out" 2>"$work/$name.err" &
    members+=($!)
}

has() { grep -qxF -- "alice: $2" "$work/$1.out"; }
has_once() { [ "$(grep -cxF -- "alice: $2" "$work/$1.out")" = 1 ]; }
cursor_is() { mpushctl consumers list --json | grep -q "\"name\":\"$1\",\"cursor\":$2,"; }

# the_follower NAME COMMAND...: it gets what is pushed, acknowledges it, and comes back after the daemon was killed.
the_follower() {
    local name=$1 number online
    as_member "$@"
    check "$name: is there" eventually 10 cursor_is "$name" '[0-9]*'
    for number in 1 2; do
        simulator_push alice "{\"msgId\":\"$name-$number\"}"
        pushed=$((pushed + 1))
        check "$name: has message $number" eventually 20 has "$name" "{\"msgId\":\"$name-$number\"}"
        check "$name: has acknowledged it" eventually 10 cursor_is "$name" $pushed
        online=$(journal_count "$(event online)")
        systemctl kill --signal=KILL mpushd
        check "$name: mpushd is killed, and back" eventually 20 online_more_than "$online"
    done
    check "$name: had each once" has_once "$name" "{\"msgId\":\"$name-1\"}"
    kill -- "-${members[-1]}"
}

tests_of_followers() {
    local qt name
    members=() pushed=0
    write_configuration ''
    systemctl start mpushd
    check 'is online' eventually 10 status_matches '^online as alice'
    the_follower python /usr/bin/python3 "$work/follow.py" python
    the_follower shell /bin/sh "$work/follow.sh" shell
    # shellcheck disable=SC2016   # the variable is the command's
    the_follower exec mpushctl follow --consumer exec --exec 'echo "$MPUSH_USER: $(cat)"'
    if command -v node >/dev/null; then
        the_follower node "$(command -v node)" "$work/follow.js" node
    else
        echo '*** NOT TESTED: follow.js. There is no node here (Debian: nodejs). ***'
    fi
    qt=$(for name in Qt6Network Qt5Network; do pkg-config --exists $name && echo $name && break; done)
    if [ -n "$qt" ] && command -v g++ >/dev/null; then
        # shellcheck disable=SC2046   # they are words
        check 'the example for Qt compiles' g++ -Wall -Wextra -Werror -fPIC -o "$work/follow-qt" "$work/follow-qt.cpp" \
            $(pkg-config --cflags --libs "$qt")
        the_follower qt "$work/follow-qt" qt
    else
        echo '*** NOT TESTED: follow-qt.cpp. There is no Qt here (Debian: qtbase5-dev, g++). ***'
    fi
}

install_service "$1"
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
run_tests
rm -r "$work"
