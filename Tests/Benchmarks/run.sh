#!/bin/bash
# Builds the programs with the flags of `swift build` that it is given, those of a release, and measures. The table goes to
# standard output, the JSON to bench-results.json. BENCH_IDLE, BENCH_PUSHES, BENCH_ROUNDS and BENCH_RECONNECTS make it
# shorter or longer: see mpush-bench/BenchSettings.swift.
set -euo pipefail

cd "$(dirname "$0")/../.."
for product in mpushd mpush-bench mpush-bare-reader; do
    "${SWIFT:-swift}" build "$@" --product "$product" >&2
done
programs=$("${SWIFT:-swift}" build "$@" --show-bin-path)
exec "$programs/mpush-bench" "$programs/mpushd" "$programs/mpush-bare-reader" bench-results.json
