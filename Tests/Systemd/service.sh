# mpushd as a service of the sandbox: installed, configured, looked at. Sourced.
# shellcheck shell=bash disable=SC2154      # project is set by sandbox.sh

readonly DIRECTORY=/etc/mpushd
readonly CONFIGURATION=$DIRECTORY/mpushd.toml

# install_service PROGRAM|PACKAGE: the built program and the files of the tree, or all that the Debian package has.
install_service() {
    case $1 in
        *.deb) dpkg --install "$1" >/dev/null ;;
        *) install_tree "$1" ;;
    esac
    drop_in fast 'RestartSec=100ms'         # the tests need not wait as long as a server should
}

install_tree() {
    install -m 755 "$1" /usr/bin/mpushd
    install -m 755 "$(dirname "$1")/mpushctl" /usr/bin/mpushctl
    install -m 644 "$project"/systemd/*.{service,socket} /usr/lib/systemd/system/
    install -D -m 644 "$project/systemd/mpushd.sysusers" /usr/lib/sysusers.d/mpushd.conf
    install -D -m 644 "$project/systemd/mpushd.tmpfiles" /usr/lib/tmpfiles.d/mpushd.conf
    systemd-sysusers mpushd.conf
    systemd-tmpfiles --create mpushd.conf
    install -D -m 644 -t /usr/lib/systemd/catalog "$project/systemd/mpushd.catalog"
    mkdir -p $DIRECTORY
}

# drop_in NAME ASSIGNMENT...: adds assignments to the unit's [Service].
drop_in() {
    local name=$1
    shift
    mkdir -p /run/systemd/system/mpushd.service.d
    printf '%s\n' '[Service]' "$@" >"/run/systemd/system/mpushd.service.d/$name.conf"
    systemctl daemon-reload
}

remove_drop_in() {
    rm "/run/systemd/system/mpushd.service.d/$1.conf"
    systemctl daemon-reload
}

# write_configuration [LINE_OF_IDENTITY [LOG_LEVEL [PUBLIC_KEY]]]
write_configuration() {
    cat >$CONFIGURATION <<EOF
[server]
endpoints = ["localhost:$SIMULATOR_PORT"]
public_key = "${3-$DIRECTORY/server-rsa.pem}"

[tls]
ca_file = "$DIRECTORY/ca.pem"

[log]
level = "${2-info}"

[identity]
user = "alice"
${1-}
EOF
}

property() { systemctl show --value --property "$1" mpushd; }
main_pid() { property MainPID; }
# Sends the signal $1 to the main process $2. 0 stands for a service that does not run: a signal to it would go to us.
signal_main() {
    check "runs before SIG$1" [ "$2" -gt 1 ]
    if [ "$2" -gt 1 ]; then kill -s "$1" "$2"; fi
}
status_matches() { property StatusText | grep -Eq "$1"; }

# Whether the service runs, as another process than $1.
runs_as_another_than() {
    local pid
    pid=$(main_pid)
    [ "$pid" != 0 ] && [ "$pid" != "$1" ] && systemctl is-active --quiet mpushd
}

unit_verifies() {
    local said
    # The manual is there with the package only.
    said=$(systemd-analyze verify --man="$([ -e /usr/share/man/man8/mpushd.8.gz ] && echo yes || echo no)" \
        mpushd.service mpushd@berlin.service 2>&1) || return 1
    [ -z "$said" ] || { echo "$said"; return 1; }
}

exposure() {
    systemd-analyze security --no-pager mpushd.service | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p'
}
exposure_at_most() { [ "$(exposure | tr -d .)" -le "${1/./}" ]; }

# event NAME: the journal match for the events of LogEvent.NAME.
event() { events | sed -n "s/^$1 /MESSAGE_ID=/p"; }

# A line NAME ID for each case of LogEvent.
events() {
    sed -n 's/^ *case \.\([A-Za-z]*\): "\([0-9a-f]*\)"$/\1 \2/p' \
        "$project/Sources/Core/MPushModel/LogEvent.swift"
    sed -n 's/^ *package static let messageID = "\([0-9a-f]*\)"$/programOutput \1/p' \
        "$project/Sources/Core/MPushModel/ProgramOutput.swift"
}

# journal ARGUMENT...: what mpushd itself wrote, all that journald has by now.
journal() {
    journalctl --sync
    journalctl --quiet --no-pager --unit mpushd "$@"
}

journal_has() { [ "$(journal_count "$@")" -gt 0 ]; }
journal_count() { journal -o json --output-fields MESSAGE "$@" | wc -l; }

explanation_has() { journal -x | grep -qF -- "$1"; }

catalog_entry() { journalctl --no-pager --dump-catalog "$1" | grep -v '^-- '; }

catalog_knows_every_event() {
    local name id
    while read -r name id; do
        catalog_entry "$id" | grep -q '^Defined-By: mpushd' || { echo "not $name"; return 1; }
    done < <(events)
}

# journalctl would put the bare name of a field where its value is missing.
explanations_are_complete() {
    local name id field missing=0
    while read -r name id; do
        for field in $(catalog_entry "$id" | grep -o '@MPUSH_[A-Z_]*@' | tr -d @ | sort -u); do
            journal -o json "MESSAGE_ID=$id" | grep -qv "\"$field\":" || continue
            echo "$name lacks $field"
            missing=1
        done
    done < <(events)
    return $missing
}

# Whether it has come online more often than $1 times.
online_more_than() { [ "$(journal_count "$(event online)")" -gt "$1" ]; }
