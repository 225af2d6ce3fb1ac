# The simulated MPush server, as these tests use it. Sourced. What mpush-sim is called with stands here and only here.
# shellcheck shell=bash disable=SC2034,SC2154   # SIMULATOR_PORT and DIRECTORY are shared with the other files

SIMULATOR_PORT=

# simulator_start PROGRAM [OPTION...]: starts it, waits until it listens, and puts its keys where the service finds them.
simulator_start() {
    local program=$1 file
    shift
    simulator_directory=$(mktemp -d)
    mkfifo "$simulator_directory/commands"
    "$program" serve --listen 127.0.0.1:0 --directory "$simulator_directory" "$@" \
        <>"$simulator_directory/commands" >"$simulator_directory/log" 2>&1 &
    eventually 10 grep -q '^listening on ' "$simulator_directory/log" || { cat "$simulator_directory/log"; return 1; }
    SIMULATOR_PORT=$(sed -n 's/^listening on .*:\([0-9]*\).*/\1/p' "$simulator_directory/log" | head -n 1)
    for file in "$simulator_directory"/*.pem; do install -m 644 -t "$DIRECTORY" "$file"; done
}

simulator_command() { echo "$*" >"$simulator_directory/commands"; }
simulator_push() { simulator_command push "$@"; }
simulator_drop() { simulator_command drop; }

# The local ports of mpushd's connections: another connection has another port.
simulator_connections() {
    awk -v port="$(printf ':%04X' "$SIMULATOR_PORT")" \
        '$4 == "01" && substr($3, length($3) - 4) == port { print $2 }' /proc/net/tcp /proc/net/tcp6
}
