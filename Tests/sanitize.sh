#!/bin/bash
# Runs all tests under the address sanitizer, then under the thread sanitizer. What one finds makes the run fail, also
# where every test passed.
#
#   sanitize.sh [address] [thread] [TARGET]...
#
# One of them only, where one is named; and the tests of the named test targets only, such as MPushInboxTests.
# Exit status: 0 if all tests passed and nothing was found; 1 otherwise.

set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."

sanitizers=()
while [[ ${1-} == address || ${1-} == thread ]]; do
    sanitizers+=("$1")
    shift
done
[[ ${#sanitizers[@]} -gt 0 ]] || sanitizers=(address thread)

export TSAN_OPTIONS="suppressions=$PWD/Tests/tsan-suppressions.txt"
# Swift marks references in their spare bits, so that the leak sanitizer misses what they hold and reports what is in
# use at the end. Leaks are the fuzzers' business: they look for what each single run leaves behind.
export ASAN_OPTIONS=detect_leaks=0
# Swift's own backtrace of a crash can hang, and the sanitizers print one.
export SWIFT_BACKTRACE=enable=no

status=0
for sanitizer in "${sanitizers[@]}"; do
    echo "Under the $sanitizer sanitizer"
    start=$SECONDS
    swift build --build-tests --sanitize="$sanitizer" --build-path ".build-$sanitizer"
    echo "Built in $((SECONDS - start)) s"
    start=$SECONDS
    Tests/unit.sh ".build-$sanitizer/debug/mpushdPackageTests.xctest" "$@" || {
        status=1
        echo "The $sanitizer sanitizer, or a test under it, found something." >&2
    }
    echo "Tested in $((SECONDS - start)) s"
done
exit $status
