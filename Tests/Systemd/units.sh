#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The checks of what the units promise: restarts, activation, credentials, drop-ins, instances. Runs as root in the sandbox;
# run.sh boots it.
#
#   units.sh MPUSHD|PACKAGE MPUSH_SIM

set -u

# shellcheck source=sandbox.sh
. "$(dirname "$(realpath "$0")")/sandbox.sh"


tests_of_the_restart_policy() {
    local pid
    rm /run/systemd/system/mpushd.service.d/fast.conf
    systemctl daemon-reload
    check 'waits ten seconds before it starts again' [ "$(property RestartUSec)" = 10s ]
    check 'never gives up starting again' [ "$(property StartLimitIntervalUSec)" = 0 ]
    check 'a program that takes too much memory does not end the daemon' [ "$(property OOMPolicy)" = continue ]
    drop_in fast 'RestartSec=100ms'
    systemctl start mpushd
    for signal in KILL ABRT SEGV KILL KILL KILL KILL KILL; do
        pid=$(main_pid)
        kill -$signal "$pid"
        check "is started again after SIG$signal" eventually 10 runs_as_another_than "$pid"
    done
    check 'is online again' eventually 10 status_matches '^online as alice'
    systemctl kill --signal=TERM mpushd
    check 'SIGTERM ends it for good' eventually 10 ended_well
}

ended_well() { [ "$(property ActiveState)/$(property Result)" = inactive/success ]; }

tests_of_what_is_kept_over_a_restart() {
    check 'no descriptors are stored: the inbox has the session' [ "$(property FileDescriptorStoreMax)" = 0 ]
    systemctl restart mpushd
    check 'a restart resumes the session' eventually 10 journal_has "$(event online)" MPUSH_SESSION_RESUMED=yes
}

tests_of_socket_activation() {
    systemctl stop mpushd
    check 'the socket stays when the service stops' systemctl is-active --quiet mpushd.socket
    check 'who asks starts the service' mpushctl status
    check 'it runs then' systemctl is-active --quiet mpushd
}

tests_of_a_bad_configuration_with_clients() {
    local starts client
    systemctl stop mpushd
    starts=$(starts_count)
    echo 'nonsense = 1' >>$CONFIGURATION
    mpushctl follow >/dev/null 2>&1 &
    client=$!
    check 'a client that waits starts the service' eventually 10 started_more_often_than "$starts"
    check 'until the socket is closed' eventually 15 socket_has_failed
    check 'after three starts' [ $(($(starts_count) - starts)) -le 4 ]
    kill $client 2>/dev/null
    write_configuration
    check 'a good configuration starts it again' systemctl start mpushd
    check 'with its socket' eventually 5 mpushctl status
}

starts_count() { journalctl --sync; journalctl -q --no-pager -o cat _PID=1 -u mpushd --grep '^Starting' | wc -l; }
started_more_often_than() { [ "$(starts_count)" -gt "$1" ]; }
socket_has_failed() { systemctl is-failed --quiet mpushd.socket; }

tests_of_a_reload_without_the_api() {
    write_configuration
    printf '[api]\nenabled = false\n' >>$CONFIGURATION
    systemctl restart mpushd
    eventually 10 status_matches '^online as alice'
    local reloads
    reloads=$(journal_count "$(event configurationReloaded)")
    check 'reloads by signal' systemctl reload mpushd
    check 'and does' eventually 5 reloaded_more_than "$reloads"
    check 'who asks is told that it is switched off' api_is_switched_off
    check 'in no time' takes_at_most 1000 api_is_switched_off
    write_configuration
    systemctl restart mpushd
}

api_is_switched_off() { mpushctl status 2>&1 | grep -q 'switched off'; }
reloaded_more_than() { [ "$(journal_count "$(event configurationReloaded)")" -gt "$1" ]; }

tests_of_encrypted_credentials() {
    local online
    mkdir -p /etc/credstore.encrypted
    printf 'a secret of alice' | systemd-creds encrypt --with-key=host --name=alice - $DIRECTORY/alice.cred
    install -m 600 $DIRECTORY/server-rsa.pem $DIRECTORY/client.key
    check 'the credential is encrypted on the disk' fails grep -q secret $DIRECTORY/alice.cred
    example credentials
    # shellcheck disable=SC2016             # mpushd expands it
    write_configuration 'credential_file = "$CREDENTIALS_DIRECTORY/alice"' info '$CREDENTIALS_DIRECTORY/client.key'
    online=$(journal_count "$(event online)")
    check 'starts with both kinds of credentials' systemctl restart mpushd
    check 'is online with them' eventually 10 online_more_than "$online"
    check 'has the decrypted one' service_sees "/run/credentials/mpushd.service/alice" 'a secret of alice'
    check 'no other user has' fails setpriv --reuid nobody --clear-groups cat /run/credentials/mpushd.service/alice
    remove_drop_in credentials
    write_configuration
    systemctl restart mpushd
}

service_sees() { nsenter --target "$(main_pid)" --mount cat "$1" | grep -qF "$2"; }

# example NAME: the drop-in of this name that is installed as an example.
example() {
    local folder=/usr/share/doc/mpushd/examples
    [ -e "$folder/$1.conf" ] || folder=$project/systemd/examples
    install -D -m 644 "$folder/$1.conf" "/run/systemd/system/mpushd.service.d/$1.conf"
    systemctl daemon-reload
}

tests_of_the_examples() {
    local name
    local most
    for name in bounds folder java network printer; do
        most=1.3
        # A device and a group more.
        [ $name != printer ] || most=1.5
        [ $name != folder ] || install -d -m 2770 -g mpush /srv/push
        example $name
        check "$name.conf is good" unit_verifies
        check "$name.conf leaves the exposure at $most or less ($(exposure))" exposure_at_most $most
        check "it starts with $name.conf" systemctl restart mpushd
        check "it is online with $name.conf" eventually 10 status_matches '^online as alice'
        remove_drop_in $name
    done
}

tests_of_a_folder_for_the_group() {
    example folder
    write_configuration
    cat >>$CONFIGURATION <<EOF
[[route]]
name = "folder"
file = "/srv/push/box"
EOF
    useradd --system --user-group --groups mpush cashier
    systemctl restart mpushd
    eventually 10 status_matches '^online as alice'
    simulator_push alice 'for the group'
    check 'a message is in the folder' eventually 5 grep -rq 'for the group' /srv/push/box/new
    check 'a member of the group can read it' setpriv --reuid cashier --regid cashier --init-groups \
        grep -rq 'for the group' /srv/push/box/new
    remove_drop_in folder
    write_configuration
    systemctl restart mpushd
}

tests_of_a_program_with_code_of_its_own() {
    write_configuration
    cat >>$CONFIGURATION <<'EOF'
[[route]]
name = "jit"
exec = ["/usr/bin/python3", "-c", "import mmap; mmap.mmap(-1, 4096, prot=7); print('made code')"]
attempts = 1
EOF
    systemctl restart mpushd
    eventually 10 status_matches '^online as alice'
    simulator_push alice first
    check 'may not make code' eventually 10 journal_has "$(event deadLetter)" MPUSH_ROUTE=jit
    example java
    systemctl restart mpushd
    eventually 10 status_matches '^online as alice'
    simulator_push alice second
    check 'may with java.conf' eventually 10 output_has 'made code'
    remove_drop_in java
    write_configuration
    systemctl restart mpushd
}

output_has() { journal -o cat "$(event programOutput)" | grep -qF "$1"; }

# socket_drop_in ASSIGNMENT...: the socket's file is made anew with them.
socket_drop_in() {
    mkdir -p /run/systemd/system/mpushd.socket.d
    printf '%s\n' '[Socket]' "$@" >/run/systemd/system/mpushd.socket.d/test.conf
    systemctl daemon-reload
    systemctl stop mpushd mpushd.socket
    systemctl start mpushd.socket
}

# api_group NAME: the configuration with that group.
api_group() {
    write_configuration
    printf '[api]\ngroup = "%s"\n' "$1" >>$CONFIGURATION
}

# as USER METHOD PATH STATUS
as() {
    local said
    said=$(setpriv --reuid "$1" --regid "$1" --init-groups curl -s -m 10 -o /dev/null -w '%{http_code}' -X "$2" \
        --unix-socket /run/mpushd/mpushd.sock "http://localhost$3")
    [ "$said" = "$4" ] || { echo "answered $said"; return 1; }
}

journal_says() { journal -o cat | grep -qE "$1"; }

tests_of_the_group_of_the_api() {
    local word
    useradd --system --user-group --groups mail postman
    useradd --system --user-group --groups mpush clerk
    useradd --system --user-group passerby
    # The word of each: as the unit is, and where an administrator hides the users of the machine from it.
    for word in no yes; do
        echo "# with PrivateUsers=$word"
        drop_in users "PrivateUsers=$word"
        socket_drop_in 'SocketMode=0666'
        api_group mpush
        check 'starts with its own group' systemctl start mpushd
        check 'the journal says who may' eventually 5 journal_says 'members of mpush \(api.group\)'
        check 'a member may' eventually 5 as clerk POST /v1/reconnect 200
        check 'one of another group may not' as postman POST /v1/reconnect 403
        check 'who is in none may look' as passerby GET /v1/status 200
        check 'and not change' as passerby POST /v1/pause 403
        check 'root may' as root POST /v1/reconnect 200
        check 'no user is named who is not' fails journal_says 'user 65534'
        api_group no-such-group
        check 'a reload for a group that is not there fails' fails systemctl reload mpushd
        check 'and the group before is the one that may' as clerk POST /v1/reconnect 200
        check 'it does not start with it' fails systemctl restart mpushd
        check 'but ends with 78' [ "$(property ExecMainStatus)" = 78 ]
        check 'and says where' journal_says "^$CONFIGURATION:[0-9]+: api.group: .*no group no-such-group"
        systemctl reset-failed
    done
    check 'who steered is not named where it is hidden' journal_says 'a user that this service cannot see'

    echo '# a group that is not the service'\''s'
    socket_drop_in 'SocketGroup=mail'
    api_group mail
    check 'does not start where it is hidden' fails systemctl restart mpushd
    check 'but says what to do' journal_says 'PrivateUsers=no, or Group=mail'
    systemctl reset-failed
    drop_in users 'PrivateUsers=yes' 'Group=mail'
    # The package's is 0640, and read by the service's group.
    chgrp mail $CONFIGURATION
    check 'starts where it is the service'\''s' systemctl start mpushd
    check 'its members may' eventually 5 as postman POST /v1/reconnect 200
    chgrp mpush $CONFIGURATION
    drop_in users 'PrivateUsers=yes'
    write_configuration
    systemctl restart mpushd
    check 'of a hidden group of the socket its members may' eventually 5 as postman POST /v1/reconnect 200
    chmod 666 /run/mpushd/mpushd.sock
    check 'as long as nobody else can connect' as postman POST /v1/reconnect 403
    check 'nor may they' as passerby POST /v1/reconnect 403
    check 'then root still may' as root POST /v1/reconnect 200
    remove_drop_in users
    api_group mail
    socket_drop_in 'SocketGroup=mail'
    check 'starts with another group' systemctl start mpushd
    check 'its members may, as the unit is' eventually 5 as postman POST /v1/reconnect 200
    check 'the journal has who did' journal_says "^user $(id -u postman), process [0-9]+: POST /v1/reconnect, answered 200"
    check 'those of mpush cannot connect' as clerk GET /v1/status 000
    check 'a reload is a signal where the socket is not the service'\''s' systemctl reload mpushd
    socket_drop_in
    systemctl start mpushd
    check 'a group that cannot connect is told' eventually 5 journal_says 'members of mail cannot connect'
    write_configuration
    systemctl restart mpushd
}

tests_of_a_crowd_at_the_socket() {
    local crowd
    socket_drop_in 'SocketMode=0666'
    systemctl start mpushd
    eventually 10 status_matches '^online as alice'
    # shellcheck disable=SC2016
    setpriv --reuid passerby --regid passerby --clear-groups /usr/bin/python3 -c '
import socket, time
crowd = [socket.socket(socket.AF_UNIX) for _ in range(150)]
for one in crowd: one.connect("/run/mpushd/mpushd.sock")
print("ready", flush=True)
time.sleep(600)' >/run/crowd &
    crowd=$!
    check 'many connect' eventually 10 grep -q ready /run/crowd
    # At once it may be one of too many to be listened to, which is cut.
    check 'one of them more is sent away' eventually 10 as passerby GET /v1/status 503
    check 'root is served' mpushctl status
    check 'so is a member of the group' as clerk POST /v1/reconnect 200
    check 'a good reload goes well' systemctl reload mpushd
    echo 'nonsense = 1' >>$CONFIGURATION
    check 'a bad one fails' fails systemctl reload mpushd
    kill $crowd
    write_configuration
    check 'and when they are gone there is room' eventually 10 as passerby GET /v1/status 200
    rm -r /run/systemd/system/mpushd.socket.d
    socket_drop_in
    systemctl start mpushd
}

tests_of_instances() {
    local name probe=/etc/mpushd/berlin/probe.sh
    for name in berlin paris; do
        mkdir -p $DIRECTORY/$name
        install -m 644 $DIRECTORY/{ca,server-rsa}.pem $DIRECTORY/$name
        instance_configuration $name >$DIRECTORY/$name/mpushd.toml
    done
    cat >$probe <<'EOF'
ls /etc/mpushd
ls /run/mpushd-instances
ls /run/mpushd 2>&1
mpushctl status >/dev/null && echo knows its own
MPUSHD_SOCKET=/run/mpushd-instances/paris/mpushd.sock mpushctl status 2>&1
ls /var/lib/private/mpushd-paris 2>&1
EOF
    check 'start' systemctl enable --quiet --now mpushd@berlin mpushd@paris
    for name in berlin paris; do
        check "$name is online" eventually 10 instance_says $name "online as $name"
        check "$name has an inbox of its own" [ -e /var/lib/private/mpushd-$name/inbox.db ]
        check "$name has a socket of its own" [ -S /run/mpushd-instances/$name/mpushd.sock ]
        check "mpushctl finds $name" eventually 5 status_of_instance_has $name "$name"
    done
    check 'the other one is beside it' status_matches '^online as alice'
    simulator_push berlin probe
    check 'an instance can look at itself' eventually 10 probe_says 'knows its own'
    check 'and at no configuration of another' fails probe_says ': paris$'
    check 'and at no socket of another' eventually 5 probe_says 'paris/mpushd.sock: no such file'
    check 'and at no inbox of another' eventually 5 probe_says 'No such file\|cannot'
    check 'mpushd.service sees nothing of them' service_cannot_list /run/mpushd-instances
    check 'each reloads alone' systemctl reload mpushd@berlin
    systemctl stop mpushd@berlin
    check 'one goes, the other stays' instance_says paris 'online as paris'
    systemctl disable --quiet --now mpushd@berlin.service mpushd@paris.service mpushd@berlin.socket mpushd@paris.socket
}

instance_configuration() {
    cat <<EOF
[server]
endpoints = ["localhost:$SIMULATOR_PORT"]
public_key = "/etc/mpushd/$1/server-rsa.pem"
[tls]
ca_file = "/etc/mpushd/$1/ca.pem"
[identity]
user = "$1"
[[route]]
name = "probe"
exec = ["/bin/sh", "/etc/mpushd/berlin/probe.sh"]
EOF
}

instance_says() { systemctl show --value --property StatusText "mpushd@$1" | grep -q "$2"; }
status_of_instance_has() { mpushctl status --instance "$1" | grep -q "$2"; }
probe_says() { journal_of_instance berlin -o cat | grep -q "$1"; }
journal_of_instance() {
    local name=$1
    shift
    journalctl --sync
    journalctl --quiet --no-pager --unit "mpushd@$name" "$@"
}
service_cannot_list() { ! nsenter --target "$(main_pid)" --mount setpriv --reuid nobody ls "$1" 2>/dev/null | grep -q .; }

install_service "$1"
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
write_configuration
run_tests
