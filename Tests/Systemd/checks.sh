# A plain report: a line for each check, a sum at the end. Sourced.
# shellcheck shell=bash

passed=0
failed=0

# check WHAT COMMAND...: counts whether COMMAND succeeds; shows what it printed if not.
check() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok      $what"
    else
        failed=$((failed + 1))
        echo "not ok  $what"
        [ -z "$output" ] || echo "        ${output//$'\n'/$'\n'        }"
    fi
}

# eventually SECONDS COMMAND...: asks again and again until COMMAND succeeds or the time is over.
eventually() {
    local deadline=$(($(now) + $1 * 1000))
    shift
    until "$@"; do
        [ "$(now)" -lt $deadline ] || return 1
        sleep 0.05
    done
}

fails() { ! "$@"; }

# takes_at_most MILLISECONDS COMMAND...
takes_at_most() {
    local limit=$1 start
    start=$(now)
    shift
    "$@" || return 1
    local took=$(($(now) - start))
    echo "took $took ms"
    [ $took -le "$limit" ]
}

now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }   # in milliseconds

# Runs every function named tests_of_..., in the order in which the script has them.
run_tests() {
    local test
    while read -r test <&3; do
        echo "# ${test//_/ }"
        "$test"
    done 3< <(sed -n 's/^\(tests_of_[a-z_]*\)() {$/\1/p' "$0")
    [ $failed = 0 ] || { echo '# the journal:'; journal -o short-precise | tail -n 60; }
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}
