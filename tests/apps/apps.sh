#!/usr/bin/env bash
# Builds the applications beside this file outside the repository, without a C compiler, and runs them. See README.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
model=$(realpath -- "${1:?the directory of an installed model}")
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CARGO_PROFILE_DEV_DEBUG=0 CC=false CXX=false HOST_CC=false
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}/apps
mkdir "$scratch/folder"
for file in allotment-minutes.docx opening-hours.html compost.txt bread-science.pdf; do
    cp "$root/tests/program/fixtures/formats/$file" "$scratch/folder/"
done
for app in encoder library formats; do
    cp -r "$root/tests/apps/$app" "$scratch/$app"
    sed -i "s|\.\./\.\./\.\.|$root|" "$scratch/$app/Cargo.toml"
    # The versions of this repository; NIGH_NEWEST asks for the newest that the requirements allow, as another repository would get.
    [ -n "${NIGH_NEWEST:-}" ] || cp "$root/Cargo.lock" "$scratch/$app/Cargo.lock"
    (cd "$scratch/$app" && cargo run --quiet "$@" -- "$model" "$scratch" "$scratch/folder")
done
