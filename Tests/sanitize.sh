#!/bin/bash
# Runs all tests under the thread sanitizer, then under the address sanitizer. What one finds makes the run fail, also
# where every test passed.
#
#   sanitize.sh [ARGUMENT]...      more arguments for `swift test`, such as --filter
#
# Exit status: 0 if all tests passed and nothing was found; 1 otherwise.

set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."

export TSAN_OPTIONS="suppressions=$PWD/Tests/tsan-suppressions.txt"
# Swift marks references in their spare bits, so that the leak sanitizer misses what they hold and reports what is in
# use at the end. Leaks are the fuzzers' business: they look for what each single run leaves behind.
export ASAN_OPTIONS=detect_leaks=0

status=0
for sanitizer in thread address; do
    echo "Under the $sanitizer sanitizer"
    swift test --no-parallel --sanitize="$sanitizer" --build-path ".build-$sanitizer" "$@" || {
        status=1
        echo "The $sanitizer sanitizer, or a test under it, found something." >&2
    }
done
exit $status
