#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The checks of mpushd as a service. Runs as root in the sandbox; run.sh boots it.
#
#   in-sandbox.sh MPUSHD|PACKAGE MPUSH_SIM

set -u

here=$(dirname "$(realpath "$0")")
# shellcheck source=sandbox.sh
. "$here/sandbox.sh"
# shellcheck source=hook.sh
. "$here/hook.sh"

readonly SOCKET=/run/mpushd/mpushd.sock

tests_of_the_unit_file() {
    check 'systemd-analyze verify has nothing to say' unit_verifies
    check "exposure is 1.3 or less ($(exposure))" exposure_at_most 1.3
}

tests_of_the_start() {
    write_configuration
    check 'starts' systemctl start mpushd
    check 'is active' systemctl is-active --quiet mpushd
    check 'says in the journal that it has started' eventually 2 journal_has "$(event started)"
    check 'comes online' eventually 10 journal_has "$(event online)"
    check 'STATUS= tells the truth in one line' eventually 5 status_matches \
        "^online as alice at localhost:$SIMULATOR_PORT, heartbeat [0-9]+ s$"
    check 'online has its fields' journal_has "$(event online)" MPUSH_STATE=online MPUSH_USER=alice \
        "MPUSH_ENDPOINT=localhost:$SIMULATOR_PORT" MPUSH_SESSION_RESUMED=no
    check 'speaks the native protocol' journal_has "$(event online)" _TRANSPORT=journal SYSLOG_IDENTIFIER=mpushd
    check 'journalctl -o json shows the fields' online_as_json
}

online_as_json() {
    journal -o json "$(event online)" | tail -n 1 | grep -q '"MPUSH_USER":"alice"'
}

tests_of_the_confinement() {
    local process
    process=/proc/$(main_pid)
    check 'runs as a user of its own' [ "$(stat -c %u "$process")" -ge 61184 ]
    check 'has no capabilities' grep -q '^CapEff:[[:space:]]*0*$' "$process/status"
    check 'cannot gain privileges' grep -q '^NoNewPrivs:[[:space:]]*1$' "$process/status"
    check 'is under a seccomp filter' grep -q '^Seccomp:[[:space:]]*2$' "$process/status"
    check 'its state directory is closed to others' [ "$(stat -c %a /var/lib/private/mpushd)" = 700 ]
    check 'keeps a session ticket' eventually 5 state_has_files
    check 'its files are closed to others' state_is_private
}

state_has_files() { [ -n "$(find /var/lib/private/mpushd -type f)" ]; }
state_is_private() { [ -z "$(find /var/lib/private/mpushd -type f ! -perm 600)" ]; }

tests_of_the_catalog() {
    check 'the catalog is taken' journalctl --update-catalog
    check 'every event is in it' catalog_knows_every_event
    check 'journalctl -x explains being online' explanation_has "alice is online at localhost:$SIMULATOR_PORT"
}

tests_of_a_good_reload() {
    local connection pid online
    connection=$(simulator_connections) pid=$(main_pid) online=$(journal_count "$(event online)")
    check 'logs no remarks for debugging' fails journal_has PRIORITY=7
    write_configuration 'tags = ["news", "sport"]' debug
    check 'reloads a good file' systemctl reload mpushd
    check 'the new configuration is in force when systemctl ends' journal_has "$(event configurationReloaded)"
    check 'is active again' [ "$(systemctl is-active mpushd)" = active ]
    check 'is the same process' [ "$(main_pid)" = "$pid" ]
    check 'has the same connection' [ "$(simulator_connections)" = "$connection" ]
    check 'did not connect anew' [ "$(journal_count "$(event online)")" = "$online" ]
    simulator_push alice hello
    check 'logs at the new level' eventually 5 journal_has "$(event messageReceived)" MPUSH_USER=alice
    check 'STATUS= is as it was' eventually 2 status_matches '^online as alice at '
}

tests_of_a_bad_reload() {
    local connection pid line
    connection=$(simulator_connections) pid=$(main_pid)
    echo 'nonsense = 1' >>$CONFIGURATION
    line=$(grep -n nonsense $CONFIGURATION | cut -d : -f 1)
    check 'systemctl reload fails' fails systemctl reload mpushd
    check 'says file and line of the error' rejection_names "$CONFIGURATION:$line"
    check 'systemctl status shows them' status_shows "$CONFIGURATION:$line: "
    check 'has them in fields' journal_has "$(event configurationRejected)" \
        "MPUSH_FILE=$CONFIGURATION" "MPUSH_LINE=$line"
    check 'stays active' [ "$(systemctl is-active mpushd)" = active ]
    check 'stays the same process' [ "$(main_pid)" = "$pid" ]
    check 'keeps the connection' [ "$(simulator_connections)" = "$connection" ]
    write_configuration
    systemctl reload mpushd
}

status_shows() { systemctl status --no-pager --full --lines 30 mpushd | grep -qF -- "$1"; }
rejection_names() { journal -o cat "$(event configurationRejected)" | grep -qF "$1"; }

tests_of_a_loss() {
    local online
    online=$(journal_count "$(event online)")
    simulator_drop
    check 'says that the connection is lost' eventually 5 journal_has "$(event connectionLost)" MPUSH_USER=alice
    check 'every loss has a cause' [ "$(journal_count "$(event connectionLost)")" = "$(losses_with_a_cause)" ]
    check 'comes back by itself' eventually 20 online_more_than "$online"
    check 'resumes its session' journal_has "$(event online)" MPUSH_SESSION_RESUMED=yes
}

losses_with_a_cause() { journal -o json "$(event connectionLost)" | grep -c '"MPUSH_CAUSE":"[a-z-]*"'; }

tests_of_a_restart() {
    local online resumed successes
    online=$(journal_count "$(event online)") successes=$(clean_ends)
    resumed=$(journal_count "$(event online)" MPUSH_SESSION_RESUMED=yes)
    check 'stops within 2 s' takes_at_most 2000 systemctl stop mpushd
    check 'stopped cleanly' [ "$(clean_ends)" = $((successes + 1)) ]
    check 'says that it is stopping' journal_has "$(event stopping)"
    check 'starts again' systemctl start mpushd
    check 'is online again' eventually 10 online_more_than "$online"
    check 'resumed the session of the process before' \
        [ "$(journal_count "$(event online)" MPUSH_SESSION_RESUMED=yes)" -gt "$resumed" ]
}

# How often systemd recorded SD_MESSAGE_UNIT_SUCCESS for the service.
clean_ends() {
    journalctl --sync
    journalctl -q --no-pager -o cat UNIT=mpushd.service MESSAGE_ID=7ad2d189f7e94e70a38c781354912448 | wc -l
}

tests_of_a_kill() {
    local pid online
    pid=$(main_pid) online=$(journal_count "$(event online)")
    signal_main KILL "$pid"
    check 'is restarted after kill -9' eventually 10 runs_as_another_than "$pid"
    check 'is online again after kill -9' eventually 10 online_more_than "$online"
}

tests_of_the_local_api() {
    check 'systemd made the socket' [ -S $SOCKET ]
    check 'the socket is for root and the group mpush' [ "$(stat -c %a:%U:%G $SOCKET)" = 660:root:mpush ]
    check 'answers root' api_says 200 root:root GET /v1/status
    useradd --system --user-group --groups mpush till
    useradd --system --user-group stranger
    check 'answers a member of the group' api_says 200 till:till GET /v1/status
    check 'lets a member of the group change things' api_says 200 till:till POST /v1/reconnect
    check 'lets root change things' api_says 200 root:root POST /v1/reconnect
    check 'is closed to everybody else' fails api_says 200 stranger:stranger GET /v1/status
    chmod 666 $SOCKET
    check 'lets everybody look where an administrator opens it' api_says 200 stranger:stranger GET /v1/status
    check 'and nobody else change a thing' api_says 403 stranger:stranger POST /v1/pause
    chmod 660 $SOCKET
    check 'mpushctl finds it by itself' eventually 5 mpushctl_says_online
    check 'the socket outlives a restart' socket_outlives_a_restart
}

# api_says STATUS USER:GROUP METHOD PATH: asks as that user.
api_says() {
    local said
    said=$(setpriv --reuid "${2%:*}" --regid "${2#*:}" --init-groups curl -s -o /dev/null -w '%{http_code}' -X "$3" \
        --unix-socket $SOCKET "http://localhost$4")
    [ "$said" = "$1" ] || { echo "answered $said"; return 1; }
}

mpushctl_says_online() { mpushctl status | grep -q 'online'; }

socket_outlives_a_restart() {
    local inode
    inode=$(stat -c %i $SOCKET)
    systemctl restart mpushd
    [ "$(stat -c %i $SOCKET)" = "$inode" ] && eventually 5 api_says 200 root:root GET /v1/status
}

tests_of_routes() {
    local folder=/srv/messages follower
    mkdir -p $folder
    chmod 1777 $folder
    drop_in routes "ReadWritePaths=$folder"
    write_configuration
    cat >>$CONFIGURATION <<EOF
[[route]]
name = "program"
exec = ["/usr/bin/tee", "-a", "$folder/{id}.txt"]
[[route]]
name = "script"
exec = ["/bin/sh", "-c", "id -u >$folder/user; ls -l /proc/self/fd >$folder/descriptors; echo to the journal >&2"]
[[route]]
name = "folder"
file = "$folder/box"
[[route]]
name = "hook"
webhook = "http://localhost:$HOOK_PORT/message"
EOF
    systemctl restart mpushd
    check 'is online with routes' eventually 10 status_matches '^online as alice'
    # The group's member of the test before.
    setpriv --reuid till --regid till --init-groups mpushctl follow --consumer till --raw >$folder/followed &
    follower=$!
    check 'a follower is there' eventually 5 follower_is_there
    simulator_push alice '{"msgId":"first","content":"hello"}'
    check 'a program has the message' eventually 5 grep -q hello $folder/first.txt
    check 'the program is the service, confined' eventually 5 ran_as_the_service $folder/user
    check 'the program has no descriptors of the daemon' [ "$(grep -c 'socket' $folder/descriptors)" -le 1 ]
    check 'its output is in the journal' eventually 5 journal_has "$(event programOutput)" MPUSH_MESSAGE_ID=first \
        MPUSH_ROUTE=script
    check 'the follower has the message' eventually 5 grep -q hello $folder/followed
    check 'the folder has the message' eventually 5 folder_has hello $folder/box/new
    check 'a member of the group takes it out' member_takes hello $folder/box
    check 'the webhook has the message' eventually 5 grep -q hello "$hook_log"
    systemctl kill --signal=KILL mpushd
    simulator_push alice '{"msgId":"second","content":"again"}'
    check 'nothing is lost after kill -9' eventually 20 pushed_until_delivered $folder/second.txt
    check 'nor is it to the follower' eventually 10 grep -q again $folder/followed
    kill "$follower"
    remove_drop_in routes
}

ran_as_the_service() { [ -s "$1" ] && [ "$(cat "$1")" -ge 61184 ]; }
follower_is_there() { mpushctl consumers list | grep -q till; }
# As the consumer of a maildir does: another user of the service's group.
member_takes() {
    local file
    file=$(grep -rl "$1" "$2/new" | head -n 1)
    # shellcheck disable=SC2016   # the shell that the member runs expands it
    setpriv --reuid till --regid till --init-groups sh -c 'cat "$1" && mv "$1" "$2/cur/" && rm "$2/cur/${1##*/}"' sh "$file" "$2"
}
folder_has() { grep -rq "$1" "$2"; }
pushed_until_delivered() {
    simulator_push alice '{"msgId":"second","content":"again"}'
    eventually 1 grep -q again "$1"
}

tests_of_the_watchdog() {
    local pid
    drop_in watchdog 'WatchdogSec=2' 'TimeoutAbortSec=1'
    systemctl restart mpushd
    pid=$(main_pid)
    sleep 3
    check 'lives on beyond the watchdog time' [ "$(main_pid)" = "$pid" ]
    signal_main STOP "$pid"
    check 'a stuck process is ended by the watchdog' eventually 10 watchdog_acted_on "$pid"
    check 'and started again' eventually 10 runs_as_another_than "$pid"
    remove_drop_in watchdog
}

watchdog_acted_on() {
    journalctl -q --no-pager -u mpushd _PID=1 | grep -q 'Watchdog timeout' && ! [ -d "/proc/$1" ]
}

tests_of_a_bad_configuration() {
    systemctl stop mpushd
    echo 'nonsense = 1' >>$CONFIGURATION
    check 'does not start' fails systemctl start mpushd
    check 'ends with status 78' [ "$(property ExecMainStatus)" = 78 ]
    check 'was not active for a moment' \
        [ "$(property ActiveEnterTimestampMonotonic)" -lt "$(property ExecMainStartTimestampMonotonic)" ]
    sleep 1                             # ten times RestartSec= of the drop-in
    check 'is not restarted' [ "$(property ActiveState)/$(property NRestarts)" = failed/0 ]
    write_configuration
    systemctl reset-failed mpushd
}

tests_of_credentials() {
    local online
    online=$(journal_count "$(event online)")
    chmod 600 $DIRECTORY/server-rsa.pem
    drop_in credential "LoadCredential=server-rsa.pem:$DIRECTORY/server-rsa.pem"
    # shellcheck disable=SC2016             # mpushd expands it
    write_configuration '' info '$CREDENTIALS_DIRECTORY/server-rsa.pem'
    check 'starts with a key that only root can read' systemctl start mpushd
    check 'is online with it' eventually 10 online_more_than "$online"
    remove_drop_in credential
}

tests_of_all_that_was_logged() {
    check 'every event has the fields that its explanation names' explanations_are_complete
}

install_service "$1"
hook_start || { echo 'Bail out! the webhook peer does not start'; exit 1; }
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
run_tests
