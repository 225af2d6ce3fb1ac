#!/bin/bash
# Measures the bridges beside the brokers' own tools, each against the same broker: messages in a second, and the ratio.
# mosquitto_pub and kcat are such tools; that of NATS is not in Debian, so that a loop over its library stands for it.
#
#   bridges.sh FOLDER [JSON]     where the built bridges are, and the file of results that theirs are added to;
#                                BENCH_BRIDGE_MESSAGES= and BENCH_ROUNDS= for more or fewer
set -euo pipefail

here=$(dirname "$(realpath "$0")")
programs=$1
results=${2:-}
count=${BENCH_BRIDGE_MESSAGES:-100000}
rounds=${BENCH_ROUNDS:-3}
length=200
for tool in mosquitto mosquitto_pub nats-server kcat python3 cc; do
    command -v $tool >/dev/null || PATH=$PATH:/usr/sbin command -v $tool >/dev/null ||
        { echo "bridges: not measured, there is no $tool"; exit 0; }
done
PATH=$PATH:/usr/sbin
work=$(mktemp -d)
brokers=()
trap 'kill "${brokers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }   # in milliseconds
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# eventually COMMAND...: for ten seconds.
eventually() {
    local end=$(($(now) + 10000))
    until "$@" >/dev/null 2>&1; do
        [ "$(now)" -lt $end ] || { echo "bridges: $1 does not come about" >&2; exit 1; }
        sleep 0.05
    done
}

# rate COMMAND...: messages in a second.
rate() {
    local start end
    start=$(now)
    "$@" || { echo "bridges: $1 failed" >&2; exit 1; }
    end=$(now)
    echo $((count * 1000 / (end - start)))
}

# row NAME TOOL: medians of both over the rounds.
row() {
    local name=$1 tool=$2 bridge own ratio
    bridge=$(for _ in $(seq "$rounds"); do rate "bridge_$name"; done | sort -n | sed -n "$((rounds / 2 + 1))p")
    own=$(for _ in $(seq "$rounds"); do rate "own_$name"; done | sort -n | sed -n "$((rounds / 2 + 1))p")
    ratio=$(awk "BEGIN { printf \"%.2f\", $bridge / $own }")
    printf '%-8s %9d/s   %-28s %9d/s   ratio %s\n' "$name" "$bridge" "$tool" "$own" "$ratio"
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$bridge" "$tool" "$own" "$ratio" >>"$work/rows"
}

python3 - "$work" "$count" $length <<'END'
import sys
work, count, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
text = "x" * length
with open(work + "/stream", "w") as stream, open(work + "/plain", "w") as plain:
    for number in range(count):
        stream.write('{"position":%d,"attempt":1,"id":"m-%d","identity":"home","user":"alice",'
                     '"received":"2026-11-27T10:11:12.123Z","content":"%s"}\n' % (number + 1, number, text))
        plain.write(text + "\n")
END

mqtt=$(port)
printf '%s\n' "listener $mqtt 127.0.0.1" 'allow_anonymous true' >"$work/mosquitto.conf"
mosquitto -c "$work/mosquitto.conf" 2>/dev/null & brokers+=($!)
nats=$(port)
nats-server -a 127.0.0.1 -p "$nats" -js -sd "$work/jetstream" 2>/dev/null & brokers+=($!)
"$here/../Package/brokers.py" kafka "$work/kafka" 2>/dev/null & brokers+=($!)
cc -O2 -o "$work/bare-publisher" "$here/bare-publisher.c" -lnats

# Nobody subscribes: what is measured is how fast the broker is given messages, and confirms them.
bridge_mqtt() { "$programs/mpush-bridge-mqtt" --url "mqtt://127.0.0.1:$mqtt" --topic 'push/{user}' <"$work/stream" >/dev/null; }
own_mqtt() { mosquitto_pub -h 127.0.0.1 -p "$mqtt" -q 1 -t push/alice -l <"$work/plain"; }

# A stream of its own for each: it would drop what it has.
# shellcheck disable=SC2016         # the subject is the server's
stream() {
    "$here/../Package/brokers.py" nats "$nats" '$JS.API.STREAM.DELETE.PUSH'
    "$here/../Package/brokers.py" nats "$nats" '$JS.API.STREAM.CREATE.PUSH' '{"name":"PUSH","subjects":["push.>"]}'
}
bridge_nats() {
    stream >/dev/null
    "$programs/mpush-bridge-nats" --url "nats://127.0.0.1:$nats" --subject 'push.{user}' <"$work/stream" >/dev/null
}
own_nats() { stream >/dev/null && "$work/bare-publisher" "nats://127.0.0.1:$nats" push.alice "$count" $length; }

bridge_kafka() {
    local urls=() broker
    for broker in $(tr ',' ' ' <"$work/kafka"); do urls+=(--url "kafka://$broker"); done
    "$programs/mpush-bridge-kafka" "${urls[@]}" --topic push --message-key '{user}' <"$work/stream" >/dev/null
}
own_kafka() {
    # The same records, with a header as the bridge's have; like the bridge it ends when all are reported as delivered.
    kcat -P -b "$(<"$work/kafka")" -t push -k alice -H 'Idempotency-Key=home:12345:m-12345' -X acks=all \
        -X enable.idempotence=true -l "$work/plain" 2>/dev/null
}

eventually mosquitto_pub -h 127.0.0.1 -p "$mqtt" -q 1 -t x -m x
eventually stream
eventually [ -s "$work/kafka" ]
echo "bridges: $count messages of $length bytes, median of $rounds rounds"
row mqtt 'mosquitto_pub -l'
row nats 'libnats, js_PublishAsync'
row kafka 'kcat -P, mock cluster'

[ -n "$results" ] || exit 0
python3 - "$work/rows" "$results" <<'END'
import json, os, sys
rows, file = sys.argv[1:]
report = {}
if os.path.exists(file):
    with open(file) as old: report = json.load(old)
bridges = []
for line in open(rows):
    name, rate, tool, own, ratio = line.rstrip("\n").split("\t")
    bridges.append({"name": name, "per_second": int(rate), "ratio": float(ratio), "tool": tool, "tool_per_second": int(own)})
report["bridges"] = bridges
aims = [
    {"is_met": bridge["per_second"] * 2 >= bridge["tool_per_second"], "measured": "%.2f" % bridge["ratio"],
     "what": "half the rate of the broker's own tool or more: " + bridge["name"]} for bridge in bridges]
known = {aim["what"] for aim in aims}
report["aims"] = [aim for aim in report.get("aims", []) if aim["what"] not in known] + aims
with open(file + ".new", "w") as new: print(json.dumps(report, indent=2, sort_keys=True), file=new)
os.rename(file + ".new", file)
END
