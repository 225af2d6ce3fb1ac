#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The chapter on fleets: the examples as they are installed, run with Debian's nginx, HAProxy, Prometheus and
# systemd-journal-remote. The network of the sandbox is its own, so addresses and ports are those of the examples. Runs as
# root in the sandbox; Tests/Systemd/run.sh boots it.
#
#   fleet.sh MPUSHD|PACKAGE MPUSH_SIM

set -u

here=$(dirname "$(realpath "$0")")
# shellcheck source=../Systemd/sandbox.sh
. "$here/../Systemd/sandbox.sh"
# shellcheck source=authority.sh
. "$here/authority.sh"

readonly EXAMPLES=$project/config/examples
readonly BOX=/var/lib/private/mpushd/box/new
pki=$(mktemp -d)/pki

# Two MPush servers without TLS at the addresses of the examples. They share their sessions as servers do that have one
# Redis, so one simulator stands behind both; each can go on its own.
start_servers() {
    local address
    printf '127.0.0.1 %s\n' push1.example.com push2.example.com allocator.example.com till-1.example.com \
        logs.example.com >>/etc/hosts
    for address in 10.0.0.11 10.0.0.12; do
        ip address add $address/32 dev lo
    done
    server_start 11
    server_start 12
}

server_start() {
    systemd-run --quiet --unit "server$1" --property Restart=no systemd-socket-activate --listen "10.0.0.$1:3000" \
        /lib/systemd/systemd-socket-proxyd "127.0.0.1:$SIMULATOR_PORT"
    eventually 5 server_listens "$1"
}
server_stop() { systemctl kill --signal=KILL "server$1"; }
server_listens() { ss --numeric --listening --tcp | grep -q "10.0.0.$1:3000"; }
server_has_clients() { ss --numeric --tcp state established | grep -q "10.0.0.$1:3000"; }
# The number of the server that carries the connection.
server_in_use() { if server_has_clients 11; then echo 11; else echo 12; fi; }

make_certificates() {
    authority_make "$pki" 'Fleet CA'
    authority_issue "$pki" server push1.example.com push2.example.com allocator.example.com till-1.example.com \
        logs.example.com
    authority_issue "$pki" till-1
    authority_issue "$pki" till-1-next
    authority_issue "$pki" prometheus
    install -d /etc/{nginx,haproxy,prometheus}/mpush /etc/nginx/streams /var/log/nginx
    install -m 644 "$pki/server.pem" "$pki/server.key" /etc/nginx/mpush
    install -m 644 "$pki/ca.pem" /etc/nginx/mpush/clients-ca.pem
    cat "$pki/server.pem" "$pki/server.key" >/etc/haproxy/mpush/server.pem
    install -m 644 "$pki/ca.pem" /etc/haproxy/mpush/clients-ca.pem
    install -m 644 "$pki/ca.pem" $DIRECTORY/ca.pem
    client_certificate till-1
}

# The key is for the group of the service: then a reload takes a new one, where a credential would need a restart.
client_certificate() {
    install -m 644 "$pki/$1.pem" $DIRECTORY/client.pem
    install -m 640 -g mpush "$pki/$1.key" $DIRECTORY/client.key
}

# fleet_configuration [LINES OF TLS]
fleet_configuration() {
    cat >$CONFIGURATION <<EOF
[server]
allocator = "https://allocator.example.com:8443/"
endpoints = ["push1.example.com:3443"]
public_key = "$DIRECTORY/server-rsa.pem"
[tls]
ca_file = "$DIRECTORY/ca.pem"
${1-client_certificate = \"$DIRECTORY/client.pem\"
client_key = \"$DIRECTORY/client.key\"}
[reconnect]
min = "100ms"
max = "500ms"
[identity]
user = "alice"
[[route]]
name = "box"
file = "/var/lib/mpushd/box"
EOF
}

is_online() { eventually 15 status_matches '^online as alice at push[12].example.com:3443'; }
comes_online_after() { eventually 15 online_more_than "$1"; }
online_count() { journal_count "$(event online)"; }
box_has() { grep -rq "$1" $BOX; }

# ---- nginx ---------------------------------------------------------------------------------------

tests_of_nginx() {
    install -m 644 "$EXAMPLES/nginx-stream.conf" /etc/nginx/streams/mpush.conf
    install -m 644 "$EXAMPLES/nginx-allocator.conf" "$EXAMPLES/nginx-metrics.conf" /etc/nginx/conf.d
    rm -f /etc/nginx/sites-enabled/default
    echo 'include /etc/nginx/streams/*.conf;' >>/etc/nginx/nginx.conf
    usermod -aG mpush www-data
    check 'nginx takes the examples' nginx -t
    check 'nginx starts' systemctl start nginx
    fleet_configuration
    check 'mpushd is content with its configuration' mpushd check
    check 'mpushd starts' systemctl start mpushd
    check 'it is online through allocator and nginx' is_online
    balancer_carries nginx
}

# balancer_carries NAME: what holds for each balancer.
balancer_carries() {
    local online server
    simulator_push alice "through $1"
    check "a message comes through $1" eventually 5 box_has "through $1"
    server=$(server_in_use)
    online=$(online_count)
    server_stop "$server"
    check "online again when a server dies behind $1" comes_online_after "$online"
    check 'at the other server' [ "$(server_in_use)" != "$server" ]
    simulator_push alice "other server, $1"
    check 'a message comes through the other server' eventually 5 box_has "other server, $1"
    systemctl reset-failed "server$server" 2>/dev/null
    server_start "$server"
    fleet_configuration ''
    systemctl reload mpushd
    online=$(online_count)
    mpushctl reconnect >/dev/null
    check "$1 takes no client without a certificate" eventually 10 refused_without_certificate
    check 'the doctor fails then' fails mpushctl doctor
    fleet_configuration
    systemctl reload mpushd
    check "$1 takes it with its certificate again" comes_online_after "$online"
}

refused_without_certificate() {
    [ "$(systemctl show --value --property StatusText mpushd | grep -c '^online')" = 0 ] &&
        journal -o cat -n 3 | grep -q 'client certificate\|closed by the server\|closed'
}

tests_of_the_rotation_of_a_client_certificate() {
    local online
    online=$(online_count)
    client_certificate till-1-next
    check 'reloads the new certificate' systemctl reload mpushd
    check 'the connection stays' [ "$(online_count)" = "$online" ]
    mpushctl reconnect >/dev/null
    check 'is online with the new one' comes_online_after "$online"
    mpushctl reconnect >/dev/null
    check 'nginx has seen its serial number' eventually 5 nginx_logged "serial=$(authority_serial "$pki/till-1-next.pem")"
    check 'and the old one before' nginx_logged "serial=$(authority_serial "$pki/till-1.pem")"
}

nginx_logged() { grep -q "$1" /var/log/nginx/mpush.log; }

tests_of_the_rotation_of_a_server_certificate() {
    local online
    is_online
    online=$(online_count)
    authority_issue "$pki" server push1.example.com push2.example.com allocator.example.com till-1.example.com \
        logs.example.com
    install -m 644 "$pki/server.pem" "$pki/server.key" /etc/nginx/mpush
    systemctl reload nginx
    check 'the connection stays when nginx takes a new certificate' [ "$(online_count)" = "$online" ]
    mpushctl reconnect >/dev/null
    check 'the next one is made with it' comes_online_after "$online"
}

# The machines trust both authorities first; then the balancer changes.
tests_of_another_authority() {
    local online next=$pki/next
    authority_make "$next" 'Next Fleet CA'
    authority_issue "$next" server push1.example.com push2.example.com allocator.example.com till-1.example.com \
        logs.example.com
    cat "$pki/ca.pem" "$next/ca.pem" >$DIRECTORY/ca.pem
    online=$(online_count)
    check 'reloads both authorities' systemctl reload mpushd
    check 'another trust makes a new connection' comes_online_after "$online"
    install -m 644 "$next/server.pem" "$next/server.key" /etc/nginx/mpush
    systemctl reload nginx
    online=$(online_count)
    mpushctl reconnect >/dev/null
    check 'is online with a certificate of the next authority' comes_online_after "$online"
    install -m 644 "$pki/server.pem" "$pki/server.key" /etc/nginx/mpush
    systemctl reload nginx
}

# ---- Metrics -------------------------------------------------------------------------------------

tests_of_the_metrics() {
    # The workers with the certificate before last end in their own time.
    check 'the metrics are there with a certificate' eventually 5 metrics_have 'mpush_connection_state{identity="alice",state="online"} 1'
    check 'they have what the alerts ask for' eventually 5 alerts_are_known
    check 'nothing without a certificate' eventually 5 metrics_answer 400
    check 'nothing can be posted' eventually 5 fetch_answers 403 /metrics -X POST
    check 'and no other page be seen' eventually 5 fetch_answers 404 /v1/status
    check 'the end of both certificates is known' eventually 5 both_ends_are_known
}

fetch() {
    curl -s --cacert "$pki/ca.pem" --cert "$pki/prometheus.pem" --key "$pki/prometheus.key" "$@"
}
metrics_have() { fetch https://till-1.example.com:9443/metrics | grep -qxF "$1"; }
# Without a certificate.
metrics_answer() {
    [ "$(curl -s --cacert "$pki/ca.pem" -o /dev/null -w '%{http_code}' https://till-1.example.com:9443/metrics)" = "$1" ]
}
# fetch_answers STATUS PATH [OPTION...]
fetch_answers() { [ "$(fetch -o /dev/null -w '%{http_code}' "${@:3}" "https://till-1.example.com:9443$2")" = "$1" ]; }
alerts_are_known() {
    local name known
    known=$(fetch https://till-1.example.com:9443/metrics)
    while read -r name; do
        grep -q "^# TYPE $name " <<<"$known" || { echo "no $name"; return 1; }
    done < <(grep -o 'mpush_[a-z_]*' "$EXAMPLES/mpushd-alerts.yml" | sort -u)
}
both_ends_are_known() {
    local metrics
    metrics=$(fetch https://till-1.example.com:9443/metrics)
    grep -q '^mpush_server_certificate_expiry_timestamp_seconds{identity="alice"} [0-9]' <<<"$metrics" &&
        grep -q '^mpush_client_certificate_expiry_timestamp_seconds [0-9]' <<<"$metrics"
}

tests_of_prometheus() {
    local folder=/etc/prometheus
    install -m 644 "$EXAMPLES"/mpushd-alerts{,.test}.yml $folder
    install -m 644 "$pki/ca.pem" $folder/mpush/ca.pem
    install -m 644 "$pki/prometheus.pem" $folder/mpush/client.pem
    install -m 644 "$pki/prometheus.key" $folder/mpush/client.key
    check 'promtool takes the alert rules' promtool check rules $folder/mpushd-alerts.yml
    check 'and their tests' promtool test rules $folder/mpushd-alerts.test.yml
    sed 's/scrape_interval: .*/scrape_interval: 1s\n    scrape_timeout: 1s/' "$EXAMPLES/prometheus.yml" >$folder/prometheus.yml
    check 'promtool takes the configuration' promtool check config $folder/prometheus.yml
    systemd-run --quiet --unit monitor prometheus --config.file=$folder/prometheus.yml \
        --storage.tsdb.path="$(mktemp -d)" --web.listen-address=127.0.0.1:9090
    check 'Prometheus scrapes this machine' eventually 20 prometheus_says 'up{instance="till-1.example.com:9443"}' 1
    check 'and sees that it is online' eventually 10 prometheus_says 'mpush_connection_state{state="online"}' 1
    check 'it has loaded the rules' prometheus_has_rules
    systemctl stop monitor
}

prometheus_says() {
    curl -s --get --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query | grep -q "\"value\":\[[0-9.]*,\"$2\"\]"
}
prometheus_has_rules() { curl -s http://127.0.0.1:9090/api/v1/rules | grep -q MpushdOffline; }

# ---- The journal ---------------------------------------------------------------------------------

tests_of_the_forwarded_journal() {
    local collected=/var/log/journal/remote
    mkdir -p /etc/ssl/ca $collected
    install -m 644 "$pki/ca.pem" /etc/ssl/ca/fleet.pem
    authority_issue "$pki" journal-upload
    install -m 644 "$pki/journal-upload.pem" /etc/ssl/certs
    chmod 755 /etc/ssl/private
    install -m 640 -g systemd-journal "$pki/journal-upload.key" /etc/ssl/private
    systemd-run --quiet --unit collector /lib/systemd/systemd-journal-remote --listen-https=19532 \
        --key="$pki/server.key" --cert="$pki/server.pem" --split-mode=none \
        --output=$collected/fleet.journal
    install -m 644 "$EXAMPLES/journal-upload.conf" /etc/systemd/journal-upload.conf
    check 'the upload starts' systemctl start systemd-journal-upload
    check 'the fields are at the collector' eventually 20 collected_has MPUSH_STATE=online MPUSH_USER=alice
    systemctl stop systemd-journal-upload collector
}

collected_has() { journalctl --quiet --no-pager --file /var/log/journal/remote/fleet.journal "$@" 2>/dev/null | grep -q online; }

# ---- A webhook -----------------------------------------------------------------------------------

# A server that was not written for it: nginx over TLS, first out of order, then well.
tests_of_a_webhook_at_nginx() {
    cat >/etc/nginx/conf.d/hook.conf <<'EOF'
log_format hook '$status $request_method $http_mpush_id $request_length';
server {
    listen 9444 ssl;
    ssl_certificate     /etc/nginx/mpush/server.pem;
    ssl_certificate_key /etc/nginx/mpush/server.key;
    access_log /var/log/nginx/hook.log hook;
    location = /hook { add_header Retry-After 1 always; return 503; }
}
EOF
    systemctl reload nginx
    cat >>$CONFIGURATION <<EOF
[[route]]
name = "hook"
webhook = "https://till-1.example.com:9444/hook"
ca_file = "$DIRECTORY/ca.pem"
EOF
    check 'a route is added by a reload' systemctl reload mpushd
    simulator_push alice '{"msgId":"hooked","content":"to nginx"}'
    check 'nginx is asked, and says not now' eventually 10 hook_logged '^503 POST hooked [1-9]'
    sed -i 's/add_header.*503;/return 204;/' /etc/nginx/conf.d/hook.conf
    systemctl reload nginx
    check 'it is asked again, and takes the message' eventually 20 hook_logged '^204 POST hooked [1-9]'
    check 'the route has it done' eventually 5 hook_is_done
    fleet_configuration
    systemctl reload mpushd
}

hook_logged() { grep -q "$1" /var/log/nginx/hook.log; }
hook_is_done() { mpushctl messages --route hook --state 'done' | grep -q hooked; }

# ---- HAProxy -------------------------------------------------------------------------------------

tests_of_haproxy() {
    local online
    rm /etc/nginx/streams/mpush.conf
    systemctl restart nginx                 # the allocator stays
    install -m 644 "$EXAMPLES/haproxy.cfg" /etc/haproxy/haproxy.cfg
    check 'HAProxy takes the example' haproxy -c -f /etc/haproxy/haproxy.cfg
    # A machine of its own allows this without a word.
    install -d /run/systemd/system/haproxy.service.d
    printf '[Service]\nLimitNOFILE=20000\n' >/run/systemd/system/haproxy.service.d/limit.conf
    systemctl daemon-reload
    online=$(online_count)
    check 'HAProxy starts' systemctl start haproxy
    check 'mpushd is online through allocator and HAProxy' comes_online_after "$online"
    balancer_carries HAProxy
}

for program in nginx haproxy prometheus openssl curl ip ss /lib/systemd/systemd-journal-remote; do
    command -v $program >/dev/null || { echo "SKIP: no $program" >&2; exit 77; }
done
install_service "$1"
simulator_start "$2" --plaintext || { echo 'Bail out! the simulator does not start'; exit 1; }
make_certificates
start_servers
run_tests
