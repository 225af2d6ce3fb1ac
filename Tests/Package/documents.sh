#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The documents: every line in a block that is marked as sh is run as it stands, in order. Runs as root in the sandbox;
# Tests/Systemd/run.sh boots it.
#
#   documents.sh MPUSHD|PACKAGE MPUSH_SIM
#
# `# until Ctrl-C` behind a command says that it goes on; it is interrupted at the end of its block. `# leave it running` is
# interrupted at the end of the document. The ten questions are left to operator.sh, which looks at the answers.

set -u

here=$(dirname "$(realpath "$0")")
# shellcheck source=../Systemd/sandbox.sh
. "$here/../Systemd/sandbox.sh"
# shellcheck source=authority.sh
. "$here/authority.sh"

readonly EXAMPLES=/usr/share/doc/mpushd/examples
readonly program=$2
work=$(mktemp -d)
export SYSTEMD_PAGER='' SYSTEMD_COLORS=0 CURL_HOME=$work
# An answer that is an error is one to curl too.
echo fail-with-body >"$work/.curlrc"

# ---- Reading a document ---------------------------------------------------------------------------

# The blocks of commands of document $1, each behind a line `=`.
blocks() {
    awk '/^## /                     { isElsewhere = /^## Ten questions/ }
         /^ *```/                   { isOpen = /```sh$/ && !isElsewhere; if (isOpen) print "="; next }
         isOpen                     { sub(/^  /, ""); print }' "$project/$1"
}

# run_document DOCUMENT: as a reader does, from the project's directory or, if there is one, $place.
run_document() {
    local line document=$1 command='' end=''
    running=() waiting=()
    cd "${place:-$project}" || return
    while IFS= read -r line <&4; do
        if [ "$line" = = ]; then interrupt_waiting; continue; fi
        command+=$line
        # A here-document goes on to its end.
        [ -n "$end" ] || end=$(sed -n "s/.*<<'\([A-Z]*\)'.*/\1/p" <<<"$line")
        if [ -n "$end" ] && [ "$line" != "$end" ]; then command+=$'\n'; continue; fi
        end=''
        run_line "$command"
        command=''
    done 4< <(blocks "$document")
    interrupt_waiting
    waiting=("${running[@]}")
    interrupt_waiting
    cd "$project" || return
}

run_line() {
    local line=$1 name=${1%%$'\n'*}
    name=${name%%  *#*}
    case $line in
        '') return ;;
        *'# leave it running'*) start "$line"; running+=("$started") ;;
        *'# until Ctrl-C'*) start "$line"; waiting+=("$started") ;;
        make\ * | [A-Z]*=*\ make\ *) check "$name" planned "$line" ;;
        export\ *) eval "$line" ;;
        *) check "$name" timeout 60 bash -c "$line" ;;
    esac
    after "$line"
}

# What make would do: CI does it.
planned() { bash -c "${1/make /make --dry-run }" >/dev/null; }

# start LINE: runs it in a terminal of its own.
start() {
    local number=$((${#running[@]} + ${#waiting[@]}))
    mkfifo "$work/input$number" 2>/dev/null
    # In the background bash ignores SIGINT, and a program inherits that.
    env --default-signal=INT,QUIT bash -c "exec $1" <>"$work/input$number" >"$work/output$number" 2>&1 &
    started=$!
    check "${1%% *} goes on" eventually 10 goes_on "$started"
}

# It runs, and is no shell any more.
goes_on() { [ -e "/proc/$1" ] && ! grep -q '^bash\|^env' "/proc/$1/comm"; }

interrupt_waiting() {
    local process status
    for process in "${waiting[@]}"; do
        kill -s INT "$process"
        timeout 10 tail --pid="$process" -f /dev/null || kill -s KILL "$process"
        wait "$process"
        status=$?
        check 'Ctrl-C ends it' is_an_end $status
    done
    waiting=()
}

# By itself in good order, or by the signal.
is_an_end() {
    echo "status $1"
    [ "$1" = 0 ] || [ "$1" = 130 ]
}

terminal_has() { grep -q -- "$2" "$work/output$1"; }

# ---- What the reader does besides ------------------------------------------------------------------

# after LINE: what has to have happened, or what is done, before the next line.
after() {
    case $1 in
        'mpush-sim try'*) as_the_tour_says ;;
        # What follows is about the usual server again.
        *'mpushd init --endpoint'*)
            cp "$work/written" $CONFIGURATION
            install -m 644 -t $DIRECTORY "$simulator_directory"/*.pem ;;
        'mpush-sim serve'*) check 'the server listens' eventually 10 terminal_has 0 '^listening' ;;
        'mpushd run --config /tmp/try'*)
            check 'the daemon is online' eventually 10 terminal_has 1 'online as alice'
            echo 'push alice Good morning' >"$work/input0"
            check 'the program has the message' eventually 10 terminal_has 1 'hello: printf: a program has: Good morning' ;;
        *'mpushd run --config /etc/mpushd'*) check 'the daemon is online' eventually 10 terminal_has 0 'online as alice' ;;
        *'enable --now mpushd')
            check 'the service is online' eventually 10 status_matches '^online as alice'
            # The journal has a loss to show, the inbox a message, and a route fails.
            simulator_drop
            check 'and again' eventually 20 online_more_than 1
            simulator_push alice '{"msgId":"m-1","content":"Good morning"}'
            check 'a message is there' eventually 10 newest_is 'Good morning' ;;
        *'enable --now mpushd@berlin')
            check 'the instance is online' eventually 10 instance_is_online ;;
        *consumer=till*) check 'the consumer is known' eventually 10 consumer_is_known till ;;
        */v1/reconnect | *'restart mpushd')
            check 'the service is online' eventually 20 status_matches '^online as alice' ;;
    esac
}

# What is printed is typed, here and in another terminal.
as_the_tour_says() {
    local line
    check 'it says what to type' eventually 20 terminal_has 0 '^    push alice'
    sed -n 's/^    \(push .*\)/\1/p' "$work/output0" >"$work/input0"
    check 'the program has the message' eventually 10 terminal_has 0 'a program has: Good morning'
    check 'it says what comes next' eventually 10 terminal_has 0 '^    drop'
    check 'which works in another terminal' bash -ec "$(sed -n 's/^    \(export .*\|.*mpushctl .*\)/\1/p' "$work/output0")"
    echo drop >"$work/input0"
    check 'it comes to its end' eventually 20 terminal_has 0 'Ctrl-C ends it all'
}

instance_is_online() { systemctl show --value --property StatusText mpushd@berlin | grep -q '^online as berlin'; }
consumer_is_known() { mpushctl consumers list | grep -q "$1"; }

# A program of the reader's machine: script NAME <TEXT.
script() {
    cat >"/usr/local/bin/$1"
    chmod 755 "/usr/local/bin/$1"
}

a_machine_for_readers() {
    # The reader is root here.
    script sudo <<<$'#!/bin/sh\nexec "$@"'
    # The package is installed, from where it lies.
    script apt <<<$'#!/bin/sh\n[ "$1" = install ] && command -v mpushd >/dev/null'
    # The reader writes three lines, or names another user.
    script editor <<EOF2
#!/bin/sh
case \$1 in
    */berlin/*) sed -i 's/^user = .*/user = "berlin"/' "\$1" ;;
    *) cp $work/written "\$1" ;;
esac
EOF2
    command -v mpush-sim >/dev/null || install -m 755 "$1" /usr/bin/mpush-sim
    [ -d $EXAMPLES ] || install -D -m 644 -t $EXAMPLES "$project"/systemd/examples/*
    write_configuration ''
    cp $CONFIGURATION "$work/written"
}

service_with() {
    cp "$work/written" $CONFIGURATION
    cat >>$CONFIGURATION
    systemctl restart mpushd
    check 'the service is online' eventually 10 status_matches '^online as alice'
}

# ---- The documents ---------------------------------------------------------------------------------

tests_of_the_readme() {
    run_document README.md
    check 'nothing is left behind' fails compgen -G "${TMPDIR:-/tmp}/mpush-try-*"
}

tests_of_trying() {
    run_document docs/try.md
    unset MPUSHD_SOCKET
}

# What the examples call push.example.com:3443, with its key and its authority where the reader is.
server_of_the_example() {
    echo 127.0.0.1 push.example.com >>/etc/hosts
    authority_make "$work/pki" 'Example CA'
    authority_issue "$work/pki" push push.example.com
    mkdir "$work/push"
    mkfifo "$work/push/commands"
    "$program" serve --listen 127.0.0.1:3443 --directory "$work/push" --certificate "$work/pki/push.pem" \
        --key "$work/pki/push.key" <>"$work/push/commands" >"$work/push/log" 2>&1 &
    check 'the example has a server' eventually 10 grep -q '^listening on ' "$work/push/log"
    cp "$work/push/server-rsa.pem" "$work/pki/ca.pem" "$work"
}

tests_of_operating() {
    place=$work
    server_of_the_example
    cp $DIRECTORY/ca.pem "$work/server.pem"
    cp $DIRECTORY/server-rsa.pem "$work/new-server-rsa.pem"
    cp "$work/written" "$work/without-routes"
    printf '[[route]]\nname = "hook"\nwebhook = "http://localhost:9/"\n' >>"$work/written"
    echo key >$DIRECTORY/client.key
    chmod 600 $DIRECTORY/client.key
    run_document docs/operate.md
    place=
    mv "$work/without-routes" "$work/written"
    check 'a route fills the folder' folder_is_filled
    rm -r /etc/systemd/system/mpushd.service.d
    systemctl daemon-reload
    systemctl stop mpushd@berlin
}

folder_is_filled() {
    printf '[[route]]\nname = "folder"\nfile = "/srv/push"\n' >>$CONFIGURATION
    systemctl reload mpushd || return 1
    simulator_push alice 'for the folder'
    eventually 10 grep -rq 'for the folder' /srv/push/new
}

tests_of_the_api() {
    service_with <<<$'[[route]]\nname = "hook"\nwebhook = "http://localhost:9/"'
    for number in 1 2 3 4 5 6 7 8; do simulator_push alice "message $number"; done
    check 'messages are there' eventually 10 newest_is 'message 8'
    run_document docs/api.md
}

newest_is() { mpushctl messages --json | grep -q "$1"; }

tests_of_metrics() {
    run_document docs/metrics.md
}

tests_of_a_fleet() {
    place=$work
    echo certificate >"$work/client.pem"
    echo key >"$work/client.key"
    run_document docs/fleet.md
    place=
}

tests_of_developing() {
    run_document docs/develop.md
    run_document docs/SIMULATION.md
}

# Every recipe at once, in a service that may write to the folder; those that need nothing of the network do what they say.
tests_of_the_recipes() {
    script alarm <<<$'#!/bin/sh\necho "$1: $(cat)" >"$STATE_DIRECTORY/alarm"'
    install -D -m 644 -t /etc/systemd/system/mpushd.service.d $EXAMPLES/folder.conf
    systemctl daemon-reload
    awk '/^```toml$/ { isOpen = 1; next } /^```/ { isOpen = 0 } isOpen' "$project/docs/routes.md" >"$work/recipes"
    service_with <"$work/recipes"
    simulator_push alice '{"msgId":"n-1","msgType":1,"content":"a notification"}'
    check 'notify writes to the log' eventually 10 logged 'a notification'
    simulator_push alice '{"kind":"alarm","place":{"room":"hall","floor":3}}'
    check 'alarm runs its script' eventually 10 grep -q -- '--floor=3: ' /var/lib/private/mpushd/alarm
    check 'folder has the messages' eventually 10 grep -rq 'a notification' /srv/push/new
    rm -r /etc/systemd/system/mpushd.service.d
    systemctl daemon-reload
}

logged() { journalctl --sync; journalctl -q --no-pager -t push -o cat | grep -q "$1"; }

# What the head of each drop-in says, in the order in which it says it.
tests_of_the_drop_ins() {
    local example command
    cp "$work/written" $CONFIGURATION
    echo 'a secret' >$EXAMPLES/password.txt
    for example in "$EXAMPLES"/*.conf; do
        grep -q '^\[Service\]' "$example" || continue
        while IFS= read -r command <&4; do
            check "${example##*/}: $command" bash -c "cd $EXAMPLES && $command"
        done 4< <(commands_of "$example")
        check "the service is online with ${example##*/}" eventually 10 status_matches '^online as alice'
        rm -r /etc/systemd/system/mpushd.service.d
    done
}

# Those that prepare something come first, wherever they stand.
commands_of() {
    sed -n 's/^#     //p' "$1" | awk '
        /mpushd.service.d|daemon-reload/ { last = last $0 "\n"; next }
                                         { print }
        END                              { printf "%s", last }'
}

install_service "$1"
simulator_start "$2" --http-proxy || { echo 'Bail out! the simulator does not start'; exit 1; }
a_machine_for_readers "$2"
run_tests
