#!/bin/bash
# Runs the tests of a built test bundle: each test target in a process of its own, with as many of them at a time as
# there are processors. Within a target the tests run one after the other: all at once, as is the default, those with
# real processes starve each other, and one that watches a time-out fails now and then.
#
#   unit.sh BUNDLE [TARGET]...
#
# Only the named targets, such as MPushInboxTests, where any are named. What a target printed is shown when it ends: all of
# it where something failed, its last line otherwise.
# Exit status: 0 if all tests passed; 1 otherwise, also where a target has no test.

set -euo pipefail

bundle=$(realpath "$1")
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export bundle results

targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
    # Those with most tests first, so that no long one is left for the end.
    "$bundle" --testing-library swift-testing --list-tests >"$results/list"
    mapfile -t targets < <(sed 's/\..*//' "$results/list" | sort | uniq -c | sort -rn | awk '{ print $2 }')
fi
[[ ${#targets[@]} -gt 0 ]] || { echo "unit.sh: $bundle has no tests" >&2; exit 1; }

run_target() {
    local target=$1 start=$SECONDS status=0
    "$bundle" --testing-library swift-testing --no-parallel --filter "^$target\\." >"$results/$target.out" 2>&1 || status=$?
    if [[ $status -eq 0 ]] && grep -q 'Test run with [1-9][0-9]* tests\? .*passed' "$results/$target.out"; then
        printf '%s: %s (%d s)\n' "$target" "$(grep -o 'Test run with .*' "$results/$target.out" | tail -1)" $((SECONDS - start))
    else
        cat "$results/$target.out"
        printf '%s: FAILED with status %d after %d s\n' "$target" "$status" $((SECONDS - start))
        touch "$results/failed"
    fi
}
export -f run_target

printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_target {}'
if [[ -e $results/failed ]]; then
    echo "unit.sh: tests failed, see above" >&2
    exit 1
fi
grep -h -o 'Test run with [0-9]*' "$results"/*.out | awk '{ tests += $4 } END { printf "All %d tests of %d targets passed.\n", tests, NR }'
