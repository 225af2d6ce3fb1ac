#!/bin/bash
# Builds the programs with the flags of `swift build` that it is given, those of a release, and measures. The table goes to
# standard output, the JSON to bench-results.json. BENCH_IDLE, BENCH_PUSHES, BENCH_ROUNDS, BENCH_RECONNECTS and
# BENCH_MESSAGES make it shorter or longer: see mpush-bench/BenchSettings.swift. Then come the bridges, beside brokers' own
# tools, where those are installed: bridges.sh.
set -euo pipefail

cd "$(dirname "$0")/../.."
for product in mpushd mpush-bench mpush-bare-reader mpush-bare-inserter mpush-bridge-{mqtt,nats,kafka}; do
    "${SWIFT:-swift}" build "$@" --product "$product" >&2
done
programs=$("${SWIFT:-swift}" build "$@" --show-bin-path)
"$programs/mpush-bench" "$programs/mpushd" "$programs/mpush-bare-reader" "$programs/mpush-bare-inserter" \
    bench-results.json
Tests/Benchmarks/bridges.sh "$programs" bench-results.json
