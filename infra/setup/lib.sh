# Shared by ./streamplatform and infra/feed: messages, stamps, checks. Sourced, never run. stdout stays untouched: it belongs to the command's result.

REPO=${REPO:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
CACHE=$REPO/.cache
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# Build servers outlive the build and keep inherited pipes open: a caller reading our output would never see its end.
export MSBUILDDISABLENODEREUSE=1

say() { printf '[%s] %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

# die WHAT [HOW TO FIX IT]
die() {
    printf 'streamplatform: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '  to fix: %s\n' "$2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# hash_of TEXT-OR-FILES: one hash over the contents of the files named and the words that name no file
hash_of() {
    local word
    for word in "$@"; do
        if [ -f "$word" ]; then sha256sum <"$word"; else printf '%s\n' "$word"; fi
    done | sha256sum | cut -c1-32
}

# A step that is done leaves its inputs' hash in .cache/stamps; it is done again only when they change.
stamp_is() { [ "$(cat "$CACHE/stamps/$1" 2>/dev/null)" = "$2" ]; }
stamp_set() { mkdir -p "$CACHE/stamps" && printf '%s\n' "$2" >"$CACHE/stamps/$1"; }

# logged NAME COMMAND...: output to .cache/logs/NAME.log; on failure shows its end
logged() {
    local name=$1 log=$CACHE/logs/$1.log
    shift
    mkdir -p "$CACHE/logs"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        printf '  (whole log: %s)\n' "$log" >&2
        return 1
    fi
}
