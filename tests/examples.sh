#!/usr/bin/env bash
# Runs every example as a reader would, and looks at what it prints. Takes the directory of installed models; without the default model
# there, or its 4-bit copy, exits with 3 after those that need none.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${1:?the directory that models are installed below}
cd "$root"
# Each begins anew, whichever model made what is there.
rm -rf target/examples/*.nigh

# run EXAMPLE ARGUMENT… -- LINE…: each line is a part of what is printed.
run() {
    local arguments=() printed
    while [ "$1" != -- ]; do
        arguments+=("$1")
        shift
    done
    shift
    echo "cargo run --example ${arguments[*]}"
    printed=$(NIGH_DATA=$data cargo run --quiet --example "${arguments[0]}" -- "${arguments[@]:1}")
    for part in "$@"; do
        if ! grep -qF -- "$part" <<<"$printed"; then
            printf '%s\nexample %s: does not print: %s\n' "$printed" "${arguments[0]}" "$part" >&2
            exit 1
        fi
    done
}

count=0
for example in examples/*.rs; do count=$((count + 1)); done
[ "$count" -eq 5 ] || { echo "$count examples, and five are run here: add the new one" >&2; exit 1; }

run own_vectors -- 'closest to #ff8800:' 'orange' 'like teal'
if [ ! -d "$data/models/multilingual-e5-small" ] && [ ! -d "$data/models/multilingual-e5-small-q4" ]; then
    exit 3
fi
run embed -- '8 documents written, 8 in the collection' 'bike zh' 'knee en' 'tea zh'
# Nothing is encoded the second time.
run embed -- '8 in the collection'
run in_async -- 'is visible' 'A bowline does not slip.' 'interrupted: true'
run sentence_similarity -- '384 numbers a vector' 'the same vector as encode gave: true'
run faq -- '单笔订单图书实付满 59 元' 'Our e-books are EPUB files' 'Yes, as long as it still says' 'no answer (the closest question'
# A question about something else has no answer, and one about the shop has.
run faq 'who won the world cup in 2018?' -- 'no answer'
run faq '怎么取消订单' -- '  0.'
run faq --measure -- 'limit  right entry'
echo 'all examples print what they should'
