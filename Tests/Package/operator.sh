#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The chapter on the ten questions: every line of it is run as it stands in docs/operate.md, after things have gone wrong. Runs as
# root in the sandbox; Tests/Systemd/run.sh boots it.
#
#   operator.sh MPUSHD|PACKAGE MPUSH_SIM

set -u

# shellcheck source=../Systemd/sandbox.sh
. "$(dirname "$(realpath "$0")")/../Systemd/sandbox.sh"

work=$(mktemp -d)

# What the answers must have in them, in the order of the questions.
readonly ANSWERS=(
    '● alice@localhost:[0-9]*  *online for'
    'online as alice at localhost:[0-9]* (.*, heartbeat 180 s)'
    'lost: closed by the server.*The server closed the connection\|lost: closed by the server'
    'mpushd ended without a word (2\.*[0-9]* s)'
    'mpush_route_dead_letters{route="bad"} 1'
    'message m-1 became a dead letter'
    '#[0-9]*  bad  given up at .* ended with status 3'
    'm-1'
    'user 0, process [0-9]*: POST /v1/reconnect, answered 200'
    'Main process exited, code=killed, status=9/KILL'
)

# Things that an operator asks about later.
things_happen() {
    write_configuration ''
    cat >>$CONFIGURATION <<'EOF'
[[route]]
name = "bad"
exec = ["/bin/sh", "-c", "echo cannot; exit 3"]
[[route]]
name = "hook"
webhook = "http://localhost:9/"
EOF
    systemctl start mpushd
    check 'is online' eventually 10 status_matches '^online as alice'
    simulator_push alice '{"msgId":"m-1","content":"x"}'
    check 'a message is given up' eventually 10 journal_has "$(event deadLetter)"
    simulator_drop
    check 'the connection is lost and found' eventually 20 online_more_than 1
    mpushctl reconnect
    check 'it is made anew' eventually 20 online_more_than 2
    drop_in later 'RestartSec=2s'
    systemctl kill --signal=KILL mpushd
    check 'it is killed and started again' eventually 20 online_more_than 3
}

# The lines of the chapter: a command, and its question behind `# `.
lines() {
    sed -n '/^## Ten questions/,/^## /p' "$project/docs/operate.md" | grep ' # [0-9]'
}

tests_of_the_ten_questions() {
    local line number=0
    things_happen
    check 'there are ten' [ "$(lines | wc -l)" = 10 ]
    while read -r line <&4; do
        check "${line##* # }" answers "${line%% # *}" "${ANSWERS[$number]}"
        number=$((number + 1))
    done 4< <(lines)
}

# answers COMMAND PATTERN: runs it as an operator's shell does.
answers() {
    local said
    journalctl --sync
    said=$(SYSTEMD_PAGER='' SYSTEMD_COLORS=0 bash -c "$1" 2>&1) || { echo "failed: $said"; return 1; }
    grep -q -- "$2" <<<"$said" || { echo "$1 said: $said"; return 1; }
}

# What docs/causes.md says must be true: each cause of the closed list is in it.
tests_of_the_table_of_causes() {
    local cause
    while read -r cause; do
        check "the document explains $cause" grep -q "^|.*\`$cause\`.*|" "$project/docs/causes.md"
    done < <(mpushctl metrics | sed -n 's/^mpush_connection_losses_total{.*cause="\([a-z-]*\)".*/\1/p')
}

# As an administrator does it who has a server's address and key, and nothing else.
tests_of_the_first_configuration() {
    systemctl stop mpushd mpushd.socket
    rm -f $CONFIGURATION $DIRECTORY/*.pem
    check 'init asks for nothing that it was given' init_with_options
    check 'what it wrote is for root and the service' [ "$(stat -c '%a %U:%G' $CONFIGURATION)" = '640 root:mpush' ]
    check 'and what that names, too' [ "$(stat -c '%a %U:%G' $DIRECTORY/server-rsa.pem)" = '640 root:mpush' ]
    check 'it ends with the command that starts the service' bash -c "$(tail -n 1 "$work/init" | sed 's/^ *sudo //')"
    check 'the service is online' eventually 10 status_matches '^online as alice'
    check 'an unknown server is not trusted without a question' refuses_an_unknown_server
    chown root:root $DIRECTORY/server-rsa.pem
    chmod 600 $DIRECTORY/server-rsa.pem
    check 'and is, where its certificate was compared' pins_the_server
    check 'a file that only root could read is for the service, too' \
        [ "$(stat -c '%a %U:%G' $DIRECTORY/server-rsa.pem)" = '640 root:mpush' ]
    systemctl restart mpushd
    check 'the service is online with the pin' eventually 10 status_matches '^online as alice'
    check 'what was there before is kept' grep -q ca.pem $CONFIGURATION.old
}

# $DIRECTORY has nothing of it: all is copied there.
init_with_options() {
    mpushd init --endpoint "localhost:$SIMULATOR_PORT" --user alice --public-key-file "$simulator_directory/server-rsa.pem" \
        --ca-file "$simulator_directory/ca.pem" --yes >"$work/init" 2>&1 || { cat "$work/init"; return 1; }
}

refuses_an_unknown_server() {
    local status=0
    mpushd init --endpoint "localhost:$SIMULATOR_PORT" --user alice --public-key-file $DIRECTORY/server-rsa.pem --yes \
        >"$work/init" 2>&1 || status=$?
    cat "$work/init"
    [ $status = 77 ] && grep -q 'fingerprint' "$work/init" && grep -q 'ca.pem' $CONFIGURATION
}

# What is asked, from a script.
pins_the_server() {
    printf '%s\n' y "localhost:$SIMULATOR_PORT" alice $DIRECTORY/server-rsa.pem '' 3 |
        mpushd init >"$work/init" 2>&1 || { cat "$work/init"; return 1; }
    grep -q '^pins = ' $CONFIGURATION
}

install_service "$1"
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
run_tests
