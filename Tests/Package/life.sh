#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The life of the package on a machine: installed, configured, started, upgraded while messages come, removed, purged. Runs
# as root in the sandbox; Tests/Systemd/run.sh boots it.
#
#   life.sh PACKAGE MPUSH_SIM

set -u

# shellcheck source=../Systemd/sandbox.sh
. "$(dirname "$(realpath "$0")")/../Systemd/sandbox.sh"

readonly PACKAGE=$1
SIMULATOR=$(echo "$(dirname "$PACKAGE")"/mpush-sim_*.deb)       # beside it
readonly SIMULATOR
readonly INBOX=/var/lib/private/mpushd/inbox.db
work=$(mktemp -d)

tests_of_what_is_in_the_package() {
    local program
    for program in mpushd mpushctl; do
        check "$program has 16 MiB at most" package_has_at_most /usr/bin/$program $((16 * 1024 * 1024))
    done
    # Not for a device: servers, certificates and the demo are in it.
    check 'mpush-sim, of a package of its own, has 17 MiB at most' \
        package_has_at_most /usr/bin/mpush-sim $((17 * 1024 * 1024)) "$SIMULATOR"
    check 'needs libraries of the system only' depends_on_the_system
}

package_has_at_most() {
    local size
    size=$(dpkg-deb --contents "${3:-$PACKAGE}" | awk -v path=".$1" '$6 == path { print $3 }')
    echo "$size bytes"
    [ "$size" -gt 0 ] && [ "$size" -le "$2" ]
}

depends_on_the_system() {
    local name
    for name in $(dpkg-deb --field "$PACKAGE" Depends | tr ',' '\n' | sed 's/|.*//; s/(.*//'); do
        dpkg-query --show --showformat '${Status}\n' "$name" | grep -q '^install ok installed' || { echo "$name"; return 1; }
    done
}

tests_of_the_installation() {
    check 'installs' installs
    check 'says that it is not started, and what to do' said_on_installation 'mpushd init && systemctl enable --now mpushd'
    check 'does not start on the example' [ "$(systemctl is-active mpushd)/$(systemctl is-enabled mpushd)" = inactive/disabled ]
    check 'nor its socket' [ "$(systemctl is-active mpushd.socket)" = inactive ]
    check 'the group of the API is there' getent group mpush
    check 'nothing is wrong with what was installed' verified
    check 'the documents are there' documents_are_there
    check 'the configuration is for root and the service' [ "$(stat -c '%a %U:%G' $CONFIGURATION)" = '640 root:mpush' ]
    check 'and has a few lines' [ "$(wc -l <$CONFIGURATION)" -le 20 ]
    for program in mpushd mpushctl mpush-sim; do
        check "$program runs" $program --version
        check "$program is stripped" is_stripped /usr/bin/$program
        check "$program has all its libraries" fails grep -q 'not found' <(ldd /usr/bin/$program)
        check "$program brings the Swift library along" fails grep -qi swift <(ldd /usr/bin/$program)
    done
    check 'a start on the example fails with its errors' fails systemctl start mpushd
    check 'with status 78' [ "$(property ExecMainStatus)" = 78 ]
    check 'and says what is wrong' journal_says 'server-rsa.pem: no such file'
    systemctl reset-failed mpushd
    systemctl stop mpushd.socket
}

installs() { dpkg --install --force-confdef "$@" "$PACKAGE" "$SIMULATOR" >"$work/installation" 2>&1 || { cat "$work/installation"; return 1; }; }
said_on_installation() { grep -qF -- "$1" "$work/installation"; }
documents_are_there() {
    local document
    for document in README.md docs/{try,operate,routes,api,fleet,causes,metrics,develop}.md; do
        [ -e "/usr/share/doc/mpushd/$document" ] || { echo "no $document"; return 1; }
    done
}
verified() { [ -z "$(dpkg --verify mpushd)" ]; }
is_stripped() { file_says_stripped "$1"; }
file_says_stripped() { ! readelf --section-headers "$1" | grep -q '\.symtab'; }
journal_says() { journal -o cat | grep -qF -- "$1"; }

tests_of_the_manual_and_completions() {
    local page program
    for page in mpushd.8 mpushctl.1 mpush-sim.1 mpushd.toml.5; do
        check "man finds $page" man_finds "${page%.*}" "${page##*.}"
        check "mandoc has nothing against $page" mandoc_is_content "$page"
    done
    check 'bash completes mpushd' bash_completes mpushd 'ch' check
    check 'bash completes mpushctl' bash_completes mpushctl 'dead' dead-letters
    check 'bash completes mpush-sim' bash_completes mpush-sim 'de' demo
    for program in mpushd mpushctl mpush-sim; do
        check "fish completes $program" fish_completes $program
        check "zsh reads the completion of $program" zsh -n /usr/share/zsh/vendor-completions/_$program
    done
}

man_finds() { man --path "$2" "$1" >/dev/null && man "$2" "$1" 2>&1 | grep -q NAME; }
mandoc_is_content() { mandoc -T lint -W warning "/usr/share/man/man${1##*.}/$1.gz"; }
bash_completes() {
    bash -c '
        . /usr/share/bash-completion/bash_completion
        _completion_loader "$0"
        COMP_WORDS=("$0" "$1") COMP_CWORD=1 COMP_LINE="$0 $1" COMP_POINT=$((${#0} + 1 + ${#1}))
        function=$(complete -p "$0" | sed "s/.*-F \([^ ]*\) .*/\1/")
        compopt() { :; }
        "$function" "$0" "$1" "$0"
        printf "%s\n" "${COMPREPLY[@]}"' "$1" "$2" | grep -qx -- "$3 \?"
}
fish_completes() { fish --command "complete --do-complete '$1 '" | grep -q .; }

tests_of_the_configuration() {
    simulator_start /usr/bin/mpush-sim || { echo 'Bail out! the simulator does not start'; exit 1; }
    write_configuration ''
    cat >>$CONFIGURATION <<'EOF'
[[route]]
name = "list"
exec = ["/bin/sh", "-c", "echo \"$MPUSH_ID\" >>\"$STATE_DIRECTORY/had\""]
EOF
    check 'mpushd check is content' mpushd check
    check 'enables and starts as the installation said' systemctl enable --quiet --now mpushd
    check 'is online' eventually 10 status_matches '^online as alice'
    check 'the doctor is content' mpushctl doctor
    check 'a member of the group may look' group_member_may_look
    simulator_push alice '{"msgId":"before","content":"x"}'
    check 'a message comes through' eventually 5 had before
}

group_member_may_look() {
    useradd --system --user-group --groups mpush clerk
    setpriv --reuid clerk --regid clerk --init-groups mpushctl status
}
had() { grep -qx "$1" /var/lib/private/mpushd/had; }

# Messages are pushed all the time while the package is replaced.
tests_of_an_upgrade() {
    local pid inode socket pusher
    chmod 644 $CONFIGURATION
    pid=$(main_pid) inode=$(stat -c %i $INBOX) socket=$(stat -c %i /run/mpushd/mpushd.sock)
    next_package
    push_without_end &
    pusher=$!
    sleep 0.5
    check 'upgrades over the running service' dpkg --install --force-confdef "$work/next.deb"
    check 'another process runs' eventually 10 runs_as_another_than "$pid"
    check 'it is online by itself' eventually 10 status_matches '^online as alice'
    sleep 0.5
    kill $pusher
    wait $pusher 2>/dev/null
    check 'the version is the next one' [ "$(dpkg-query --show --showformat '${Version}' mpushd)" = 9.9-1 ]
    check 'it is enabled as before' systemctl is-enabled --quiet mpushd
    check 'the inbox is the same' [ "$(stat -c %i $INBOX)" = "$inode" ]
    check 'the socket was never away' [ "$(stat -c %i /run/mpushd/mpushd.sock)" = "$socket" ]
    check 'the session was resumed' journal_has "$(event online)" MPUSH_SESSION_RESUMED=yes
    check 'the configuration is the administrator'"'"'s' grep -q 'name = "list"' $CONFIGURATION
    check 'and its mode, too' [ "$(stat -c %a $CONFIGURATION)" = 644 ]
    check 'the new example is beside it' [ -e $CONFIGURATION.dpkg-dist ]
    check 'messages came before, during and after' [ "$(acknowledged | wc -l)" -gt 20 ]
    check 'no acknowledged message is lost' eventually 10 nothing_is_lost
}

# The same package with a later version and another example of the configuration.
next_package() {
    dpkg-deb --raw-extract "$PACKAGE" "$work/next"
    sed -i 's/^Version: .*/Version: 9.9-1/' "$work/next/DEBIAN/control"
    echo '# A later example.' >>"$work/next/etc/mpushd/mpushd.toml"
    dpkg-deb --root-owner-group --build "$work/next" "$work/next.deb" >/dev/null
}

# Message number 7 has a size of 107 bytes: the simulator's log has sizes, and no contents.
push_without_end() {
    local number=100 text
    while true; do
        number=$((number + 1))
        text="{\"msgId\":\"m$number\",\"content\":\"\"}"
        printf -v text '{"msgId":"m%d","content":"%0*d"}' $number $((number - ${#text})) 0
        simulator_push alice "$text"
        sleep 0.02
    done
}

# The ids of messages that the server saw acknowledged.
acknowledged() {
    awk '$4 == "push" && $5 == "number" { size[$2, $6 + 0] = $7 }
         $4 == "ack" && ($2, $6 + 0) in size { print "m" size[$2, $6 + 0] }' "$simulator_directory/log" | grep -v '^m[0-9][0-9]$'
}
nothing_is_lost() {
    local missing
    missing=$(comm -23 <(acknowledged | sort -u) <(sort -u /var/lib/private/mpushd/had))
    [ -z "$missing" ] || { echo "missing: $missing"; return 1; }
}

tests_of_a_removal() {
    cp $CONFIGURATION "$work/configuration"
    check 'removes' dpkg --remove mpushd
    check 'the service is stopped' fails systemctl is-active --quiet mpushd
    check 'the socket is away' [ ! -e /run/mpushd ]
    check 'the programs are away' [ ! -e /usr/bin/mpushd ]
    check 'the configuration stays' cmp $CONFIGURATION "$work/configuration"
    check 'the messages stay' [ -e $INBOX ]
}

tests_of_a_second_installation() {
    check 'installs again' installs
    check 'says that the configuration was there' said_on_installation 'existed before'
    check 'starts with what stayed' systemctl enable --quiet --now mpushd
    check 'is online again' eventually 10 status_matches '^online as alice'
    check 'an instance starts' instance_starts
}

instance_starts() {
    install -D -m 644 "$work/configuration" $DIRECTORY/berlin/mpushd.toml
    sed -i "s|$DIRECTORY/|$DIRECTORY/berlin/|" $DIRECTORY/berlin/mpushd.toml
    install -m 644 $DIRECTORY/{ca,server-rsa}.pem $DIRECTORY/berlin
    systemctl enable --quiet --now mpushd@berlin
}

tests_of_the_end() {
    check 'an upgrade restarts instances too' upgrade_restarts_the_instance
    echo old | tee $CONFIGURATION.old $DIRECTORY/credential >$DIRECTORY/credential.old
    check 'purges' dpkg --purge mpushd
    check 'no instance runs' fails systemctl is-active --quiet mpushd@berlin
    check 'the configuration is away' [ ! -e $CONFIGURATION ]
    check 'and the secrets that init wrote' [ "$(compgen -G "$CONFIGURATION*"; compgen -G "$DIRECTORY/credential*")" = '' ]
    check 'what the administrator put beside it stays' [ -e $DIRECTORY/server-rsa.pem ]
    check 'the messages are away' nothing_in_var_lib
    check 'nothing is enabled any more' nothing_enabled
    check 'no unit is left' fails systemctl cat mpushd.service
}

# As an image of a container or of a device unpacks it.
tests_of_an_installation_without_documents() {
    check 'the configuration of before is away' [ ! -e $CONFIGURATION ]
    check 'installs without documents' installs --path-exclude='/usr/share/doc/*'
    check 'there are none' [ ! -e /usr/share/doc/mpushd/examples ]
    check 'says how to begin' said_on_installation 'mpushd init && systemctl enable --now mpushd'
    check 'the configuration is for root and the service there, too' [ "$(stat -c '%a %U:%G' $CONFIGURATION)" = '640 root:mpush' ]
    check 'init replaces the example without a question' init_keeps_no_example
    check 'purges again' dpkg --purge mpushd
}

init_keeps_no_example() {
    mpushd init --endpoint "localhost:$SIMULATOR_PORT" --user alice --public-key-file "$simulator_directory/server-rsa.pem" \
        --ca-file "$simulator_directory/ca.pem" </dev/null >"$work/init" 2>&1
    ! grep -q 'is there already' "$work/init" || { cat "$work/init"; return 1; }
}

upgrade_restarts_the_instance() {
    local pid
    pid=$(systemctl show --value --property MainPID mpushd@berlin)
    dpkg --install --force-confdef "$work/next.deb" >/dev/null 2>&1
    eventually 10 instance_runs_as_another_than "$pid"
}
instance_runs_as_another_than() {
    local pid
    pid=$(systemctl show --value --property MainPID mpushd@berlin)
    [ "$pid" != 0 ] && [ "$pid" != "$1" ]
}
nothing_in_var_lib() { ! compgen -G '/var/lib/mpushd*' && ! compgen -G '/var/lib/private/mpushd*'; }
nothing_enabled() { ! compgen -G '/etc/systemd/system/*.wants/mpushd*'; }

run_tests
