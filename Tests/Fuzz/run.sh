#!/bin/bash
# Fuzzes the decoder with the session machine behind it, then the configuration, then what routes do with a message.
#
#   run.sh SECONDS                 for so long each
#
# Begins with the corpus of the repository and with what earlier runs here have found, which stays in .build-fuzz.
# Exit status: 0 if nothing was found; 1 if an input broke something, which is kept and named; 2 on wrong usage.

set -euo pipefail

if [[ ! ${1-} =~ ^[1-9][0-9]*$ ]]; then
    echo 'usage: run.sh SECONDS' >&2
    exit 2
fi
cd "$(dirname "$(realpath "$0")")/../.."

build=.build-fuzz
finds=$build/finds
crashes=$build/crashes
mkdir -p "$crashes"

# The Swift option instruments Swift alone: toml++ is C++. The default linker breaks on what comes of it.
for target in session configuration routing; do
    FUZZ=1 swift build -c release --build-path "$build" --product "fuzz-$target" \
        -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xswiftc -use-ld=lld
done

# Looking up symbols, and Swift's own backtraces, can hang a crash for ever.
export ASAN_OPTIONS=symbolize=0 SWIFT_BACKTRACE=enable=no

status=0
for target in session configuration routing; do
    mkdir -p "$finds/$target"
    echo "fuzz-$target: $1 s"
    if ! "$build/release/fuzz-$target" "$finds/$target" "Tests/Fuzz/corpus/$target" \
        -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$crashes/$target-"; then
        status=1
        echo "fuzz-$target found something. Its last words are above; the input is the newest of:" >&2
        ls -1t "$crashes/$target-"* >&2 || echo "(none was kept)" >&2
        echo "To see it again:" >&2
        echo "    SWIFT_BACKTRACE=$SWIFT_BACKTRACE ASAN_OPTIONS=$ASAN_OPTIONS $build/release/fuzz-$target FILE" >&2
        echo "Make it small with -minimize_crash=1 -runs=10000, mend it, and keep the input in Tests/Fuzz/corpus/$target." >&2
    fi
done
exit $status
