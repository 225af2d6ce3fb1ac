#!/bin/sh
# Follows the messages of mpushd under a name (/usr/share/doc/mpushd/docs/api.md): acknowledges each when it has been dealt
# with, and comes back after an interruption to those that are not acknowledged. It needs curl and jq. `mpushctl follow
# --consumer NAME --exec COMMAND` does the same without them.
#
#     follow.sh NAME
#
# The name begins with the first run: it gets what comes from then on. MPUSHD_SOCKET is the daemon's socket, where it is not
# /run/mpushd/mpushd.sock; whoever runs this has to be in the group that may make changes.

name=${1:?usage: follow.sh NAME}
socket=${MPUSHD_SOCKET:-/run/mpushd/mpushd.sock}

# Yours. Status 0 acknowledges the message; with any other the same one is tried again.
deal_with() {
    printf '%s\n' "$1" | jq -r '.identity + ": " + (.content // .content_base64)'
}

ask() {
    curl -sS --fail-with-body --unix-socket "$socket" "$@"
}

# Where the daemon says no (22), the message comes again if it is still wanted.
acknowledge() {
    answer=$(ask --max-time 30 --json "{\"positions\": [$1]}" "http://mpushd/v1/consumers/$name/acks") && return
    [ $? -eq 22 ] && printf '%s\n' "$answer" >&2
}

# until_done COMMAND...: runs it again and again, after longer and longer waits.
until_done() {
    pause=1
    until "$@"; do
        echo "$1 has failed; again in $pause s" >&2
        sleep "$pause"
        pause=$((pause < 32 ? pause * 2 : 60))
    done
}

wait=1
while :; do
    began=$(date +%s)
    # The daemon sends a line every 30 s at least: less than a byte a second for 90 s is a daemon that is stuck.
    ask --no-buffer --speed-limit 1 --speed-time 90 "http://mpushd/v1/messages/follow?consumer=$name" |
        # A refusal is one line without an end.
        while IFS= read -r line || [ -n "$line" ]; do
            position=$(printf '%s\n' "$line" | jq -r '.position // empty')
            if [ -n "$position" ]; then
                until_done deal_with "$line"
                until_done acknowledge "$position"
            else
                printf '%s\n' "$line" | jq -r '.end // .detail // empty' >&2
            fi
        done
    [ $(($(date +%s) - began)) -lt 60 ] || wait=1
    echo "again in $wait s" >&2
    sleep "$wait"
    wait=$((wait < 32 ? wait * 2 : 60))
done
