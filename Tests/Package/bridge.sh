#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The package mpush-bridge-mqtt beside mpushd's: messages go to a real mosquitto, which is away for a while. Runs as root in the
# sandbox; Tests/Systemd/run.sh boots it.
#
#   bridge.sh PACKAGE MPUSH_SIM         the package of the bridge lies beside that of mpushd

set -u

here=$(dirname "$(realpath "$0")")
# shellcheck disable=SC2034             # the files below use it
project=$(realpath "$here/../..")
# shellcheck source=../Systemd/checks.sh
. "$here/../Systemd/checks.sh"
# shellcheck source=../Systemd/service.sh
. "$here/../Systemd/service.sh"
# shellcheck source=../Systemd/simulator.sh
. "$here/../Systemd/simulator.sh"

readonly PACKAGE=$1
readonly BRIDGE=/usr/lib/mpushd/mpush-bridge-mqtt
readonly BROKER=/run/broker
readonly RECEIVED=$BROKER/received

broker_start() {
    mosquitto -c $BROKER/mosquitto.conf >>$BROKER/log 2>&1 &
    broker=$!
    eventually 10 subscribed
}

subscribed() {
    mosquitto_sub -p 18830 -t 'push/#' -q 1 -i test -c -E 2>/dev/null
}

# What the broker has for a subscriber that was there before, and comes again: kept by the broker, over its own restarts.
receive() {
    timeout 2 mosquitto_sub -p 18830 -t 'push/#' -q 1 -i test -c -v >>$RECEIVED 2>/dev/null
    grep -qxF -- "$1" $RECEIVED
}

writes_the_route() {
    write_configuration ''
    cat >>$CONFIGURATION <<'EOF'
[[route]]
name = "broker"
mqtt = { url = "mqtt://localhost:18830", topic = "push/{user}" }
retry_max = "1s"
EOF
}

tests_of_the_bridge() {
    local state
    writes_the_route
    check 'a bridge that is not installed is named' check_names 'Install the package mpush-bridge-mqtt'
    dpkg --install "$(dirname "$PACKAGE")"/mpush-bridge-mqtt_*.deb >/dev/null
    check 'the bridge has a version' $BRIDGE --version
    check 'it has a manual page' [ -e /usr/share/man/man1/mpush-bridge-mqtt.1.gz ]
    check 'then nothing is wrong' fails check_names 'mpush-bridge-mqtt'

    mkdir -m 777 $BROKER
    printf '%s\n' 'listener 18830 127.0.0.1' 'allow_anonymous true' 'persistence true' 'autosave_interval 1' \
        'autosave_on_changes true' "persistence_location $BROKER/" >$BROKER/mosquitto.conf
    chmod 644 $BROKER/mosquitto.conf
    broker_start
    systemctl start mpushd
    check 'is online' eventually 10 status_matches '^online as alice'
    simulator_push alice '{"msgId":"m-1","content":"one"}'
    check 'a message comes to the topic of its user' eventually 10 receive 'push/alice {"msgId":"m-1","content":"one"}'

    kill -TERM $broker
    wait $broker
    check 'the end of the broker is said' eventually 10 says 'the connection to the broker was lost'
    simulator_push alice '{"msgId":"m-2","content":"two"}'
    check 'the message waits' eventually 10 route_waits_for 1
    broker_start
    check 'it comes once the broker is back' eventually 20 receive 'push/alice {"msgId":"m-2","content":"two"}'
    check 'nothing waits then' eventually 10 route_waits_for 0
    check 'nothing was given up' [ "$(mpushctl dead-letters list --json)" = "$(mpushctl dead-letters list --json | grep -v '"reason"')" ]

    systemctl stop mpushd
    state=$(systemctl show --value --property Result mpushd)
    check 'mpushd stops in good order' [ "$state" = success ]
    check 'and its bridge with it' fails pgrep -f $BRIDGE
    kill -TERM $broker
}

says() { journal | grep -qF -- "$1"; }

check_names() { mpushd check $CONFIGURATION 2>&1 | grep -qF -- "$1"; }

route_waits_for() {
    [ "$(mpushctl metrics | sed -n 's/^mpush_route_waiting_messages{route="broker"} //p')" = "$1" ]
}

install_service "$PACKAGE"
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
run_tests
