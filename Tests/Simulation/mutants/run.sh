#!/bin/bash
# run.sh [NAME...]: brings back the fault of each NAME.patch here (of all, without a name) in a copy of the tree, and runs
# simulated worlds, seed after seed, each as a dense one, as one of power cuts and as ten calm days, until one finds it. Prints a
# table; fails where one is not found, or does not apply.
# LIMIT: seconds for each. TREE: the copy, if there is one already, and what is built in it stays in BUILD.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
limit=${LIMIT:-600}
read -ra swift <<<"${SWIFT:-swift}"
tree=${TREE:-$root/.build-mutants/tree}
build=${BUILD:-$root/.build-mutants/build}

# The files under version control, as they are now; those that are the same keep their times, for what was built of them.
if [ -z "${TREE:-}" ]; then
    mkdir -p "$tree"
    (cd "$tree" && find . -type f | sort) | while read -r file; do [ -e "$root/$file" ] || rm "$tree/$file"; done
    (cd "$root" && git ls-files -z --cached --others --exclude-standard) | while IFS= read -r -d '' file; do
        [ -e "$root/$file" ] || continue
        mkdir -p "$tree/$(dirname "$file")"
        cmp -s "$root/$file" "$tree/$file" || cp -p "$root/$file" "$tree/$file"
    done
fi

names=("$@")
[ $# -gt 0 ] || for patch in "$here"/*.patch; do names+=("$(basename "$patch" .patch)"); done
missed=0
echo '| Fault | Found by the seed | after | by |'
echo '|---|---|---|---|'

# The copy is no part of the repository around it.
apply() { GIT_CEILING_DIRECTORIES=$(dirname "$tree") git -C "$tree" apply "$@"; }

# look NAME: builds what stands in the tree, and gives its row.
look() {
    if ! "${swift[@]}" build --package-path "$tree" --scratch-path "$build" -c release --product mpush-world \
        >"$build.log" 2>&1; then
        grep -m 3 'error:' "$build.log" >&2 || tail -3 "$build.log" >&2
        echo "| $1 | does not build | | |"
        return 1
    fi
    local began=$SECONDS seed=0 kind output found
    while [ $((SECONDS - began)) -lt "$limit" ]; do
        seed=$((seed + 1))
        for kind in dense cuts 'calm --days 10'; do
            # shellcheck disable=SC2086 # a kind, and for how long
            output=$(timeout "$limit" "$build/release/mpush-world" --seed $seed --kind $kind 2>&1) && continue
            found=$(sed -n 's/.*FAILED: \([^:]*\):.*/\1/p' <<<"$output" | head -1)
            echo "| $1 | $seed ${kind%% *} | $((SECONDS - began)) s | ${found:-a trap, or no end} |"
            return 0
        done
    done
    echo "| $1 | none of $seed | $((SECONDS - began)) s | not found |"
    return 1
}

for name in "${names[@]}"; do
    if ! apply "$here/$name.patch"; then
        echo "| $name | does not apply | | |"
        missed=$((missed + 1))
        continue
    fi
    look "$name" || missed=$((missed + 1))
    apply -R "$here/$name.patch"
done
if [ $missed -gt 0 ]; then
    echo "$missed of ${#names[@]} were not found." >&2
    exit 1
fi
