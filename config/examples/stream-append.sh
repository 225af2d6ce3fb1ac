#!/bin/sh
# Appends each message to a file as a line of JSON, for a stream route of mpushd (/usr/share/doc/mpushd/docs/STREAM.md). It
# needs jq, and is for a few hundred messages a second at most.
#
#   [[route]]
#   name = "append"
#   stream = ["/bin/sh", "/usr/share/doc/mpushd/examples/stream-append.sh", "/var/lib/mpushd/messages.ndjson"]

file=${1:?usage: stream-append.sh FILE}

while IFS= read -r message; do
    if printf '%s\n' "$message" >>"$file" && sync -d "$file"; then
        printf '%s\n' "$message" | jq -c '{id, done: true}'
    else
        # The reason is in the journal: the shell, or sync, has said it.
        printf '%s\n' "$message" | jq -c '{id, retry: "it cannot be appended", wait: 10}'
    fi
done
