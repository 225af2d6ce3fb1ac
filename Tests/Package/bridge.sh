#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The packages of the bridges beside mpushd's: messages go to a real mosquitto and a real nats-server, which are away for a while,
# and to the cluster that librdkafka has for tests, since there is no package of Kafka. Runs as root in the sandbox;
# Tests/Systemd/run.sh boots it.
#
#   bridge.sh PACKAGE MPUSH_SIM         the packages of the bridges lie beside that of mpushd

set -u

here=$(dirname "$(realpath "$0")")
# shellcheck source=../Systemd/sandbox.sh
. "$here/../Systemd/sandbox.sh"

readonly PACKAGE=$1
readonly BRIDGES='mpush-bridge-mqtt mpush-bridge-nats mpush-bridge-kafka'
readonly FOLDER=/usr/lib/mpushd
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

nats_start() {
    nats-server -a 127.0.0.1 -p 18831 -js -sd $BROKER/jetstream >>$BROKER/nats.log 2>&1 &
    nats=$!
    eventually 10 stream_state >/dev/null
}

# The stream, which is made where it is not there.
stream_state() {
    # shellcheck disable=SC2016         # it is the server's
    "$here/brokers.py" nats 18831 '$JS.API.STREAM.CREATE.PUSH' '{"name":"PUSH","subjects":["push.>"]}' 2>/dev/null |
        grep -o '"messages":[0-9]*'
}

stream_has() { [ "$(stream_state)" = "\"messages\":$1" ]; }

kafka_start() {
    "$here/brokers.py" kafka $BROKER/kafka 2>/dev/null &
    kafka=$!
    eventually 10 [ -s $BROKER/kafka ]
}

kafka_has() {
    kcat -b "$(<$BROKER/kafka)" -C -t push -o beginning -e -q -f '%k %s\n' >$BROKER/records
    [ "$(wc -l <$BROKER/records)" = "$2" ] && grep -qxF -- "$1" $BROKER/records
}

writes_the_routes() {
    local brokers
    brokers=$(sed 's|[^,]*|"kafka://&"|g' $BROKER/kafka)
    write_configuration ''
    cat >>$CONFIGURATION <<EOF
[[route]]
name = "broker"
mqtt = { url = "mqtt://localhost:18830", topic = "push/{user}" }
retry_max = "1s"

[[route]]
name = "jetstream"
nats = { url = ["nats://localhost:18832", "nats://localhost:18831"], subject = "push.{user}" }
retry_max = "1s"

[[route]]
name = "kafka"
kafka = { url = [$brokers], topic = "push", message_key = "{user}" }
retry_max = "1s"
EOF
}

tests_of_the_bridges() {
    local state bridge route
    mkdir -m 777 $BROKER
    kafka_start
    writes_the_routes
    for bridge in $BRIDGES; do
        check "$bridge, not installed, is named" check_names "Install the package $bridge"
        dpkg --install "$(dirname "$PACKAGE")/$bridge"_*.deb >/dev/null
        check "$bridge has a version" "$FOLDER/$bridge" --version
        check "$bridge has a manual page" [ -e "/usr/share/man/man1/$bridge.1.gz" ]
    done
    check 'then nothing is wrong' fails check_names 'mpush-bridge'

    printf '%s\n' 'listener 18830 127.0.0.1' 'allow_anonymous true' 'persistence true' 'autosave_interval 1' \
        'autosave_on_changes true' "persistence_location $BROKER/" >$BROKER/mosquitto.conf
    chmod 644 $BROKER/mosquitto.conf
    broker_start
    nats_start
    systemctl start mpushd
    check 'is online' eventually 10 status_matches '^online as alice'
    simulator_push alice '{"msgId":"m-1","content":"one"}'
    check 'a message comes to the topic of its user' eventually 10 receive 'push/alice {"msgId":"m-1","content":"one"}'
    check 'and is in the stream' eventually 10 stream_has 1
    check 'and in the topic of Kafka' eventually 10 kafka_has 'alice {"msgId":"m-1","content":"one"}' 1

    kill -TERM $broker
    wait $broker
    check 'the end of the broker is said' eventually 10 says 'the connection to the broker was lost'
    kill -KILL $nats
    wait $nats 2>/dev/null
    check 'the end of the server of NATS is said' eventually 10 says 'the connection to the server was lost'
    simulator_push alice '{"msgId":"m-2","content":"two"}'
    check 'the message waits' eventually 10 route_waits_for broker 1
    check 'for both of them' eventually 10 route_waits_for jetstream 1
    check 'and not for Kafka' eventually 10 kafka_has 'alice {"msgId":"m-2","content":"two"}' 2
    broker_start
    nats_start
    check 'it comes once the broker is back' eventually 20 receive 'push/alice {"msgId":"m-2","content":"two"}'
    check 'and into the stream' eventually 20 stream_has 2
    for route in broker jetstream kafka; do
        check "nothing waits for $route then" eventually 10 route_waits_for $route 0
    done
    check 'nothing was given up' [ "$(mpushctl dead-letters list --json)" = "$(mpushctl dead-letters list --json | grep -v '"reason"')" ]

    systemctl stop mpushd
    state=$(systemctl show --value --property Result mpushd)
    check 'mpushd stops in good order' [ "$state" = success ]
    check 'and its bridges with it' fails pgrep -f $FOLDER/
    kill -TERM $broker $nats $kafka
}

says() { journal | grep -qF -- "$1"; }

check_names() { mpushd check $CONFIGURATION 2>&1 | grep -qF -- "$1"; }

route_waits_for() {
    [ "$(mpushctl metrics | sed -n "s/^mpush_route_waiting_messages{route=\"$1\"} //p")" = "$2" ]
}

install_service "$PACKAGE"
simulator_start "$2" || { echo 'Bail out! the simulator does not start'; exit 1; }
run_tests
