#!/bin/bash
# Fuzzes what takes bytes from outside: the targets of Tests/Fuzz/Support/FuzzTarget.swift.
#
#   run.sh SECONDS [TARGET]...     for so long each; all targets where none is named
#
# Begins with the corpus of the repository and with what earlier runs here have found, which stays in .build-fuzz.
# Exit status: 0 if nothing was found; 1 if an input broke something, which is kept and named; 2 on wrong usage.

set -euo pipefail

if [[ ! ${1-} =~ ^[1-9][0-9]*$ ]]; then
    echo 'usage: run.sh SECONDS [TARGET]...' >&2
    exit 2
fi
seconds=$1
shift
cd "$(dirname "$(realpath "$0")")/../.."

build=.build-fuzz
finds=$build/finds
crashes=$build/crashes
mkdir -p "$crashes"

# The Swift option instruments Swift alone: toml++ is C++. The default linker breaks on what comes of it.
FUZZ=1 swift build -c release --build-path "$build" --product mpush-fuzz \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xswiftc -use-ld=lld

# Looking up symbols, and Swift's own backtraces, can hang a crash for ever.
export ASAN_OPTIONS=symbolize=0 SWIFT_BACKTRACE=enable=no

mapfile -t targets < <("$build/release/mpush-fuzz")
for target in "$@"; do
    if [[ " ${targets[*]} " != *" $target "* ]]; then
        echo "run.sh: no target $target; there are: ${targets[*]}" >&2
        exit 2
    fi
done
[[ $# -eq 0 ]] || targets=("$@")

status=0
for target in "${targets[@]}"; do
    ln -sf release/mpush-fuzz "$build/fuzz-$target"
    mkdir -p "$finds/$target"
    echo "fuzz-$target: $seconds s"
    if ! "$build/fuzz-$target" "$finds/$target" "Tests/Fuzz/corpus/$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$crashes/$target-"; then
        status=1
        echo "fuzz-$target found something. Its last words are above; the input is the newest of:" >&2
        ls -1t "$crashes/$target-"* >&2 || echo "(none was kept)" >&2
        echo "To see it again:" >&2
        echo "    SWIFT_BACKTRACE=$SWIFT_BACKTRACE ASAN_OPTIONS=$ASAN_OPTIONS $build/fuzz-$target FILE" >&2
        echo "Make it small with -minimize_crash=1 -runs=10000, mend it, and keep the input in Tests/Fuzz/corpus/$target." >&2
    fi
done
exit $status
