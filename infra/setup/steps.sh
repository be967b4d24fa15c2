# The set-up steps, each done once and again only when its inputs change. Sourced by ./streamplatform.

# One set-up at a time in one clone; the second waits and then finds everything done.
setup_locked() {
    [ -w "$REPO" ] || die "$REPO cannot be written" "clone the project to a directory of your own"
    mkdir -p "$CACHE/stamps" "$CACHE/logs" "$CACHE/feed"
    exec {SETUP_LOCK}>"$CACHE/setup.lock"
    if ! flock -n "$SETUP_LOCK"; then
        say "another ./streamplatform is setting up, waiting for it"
        flock -w 1500 "$SETUP_LOCK" || die "another ./streamplatform has been setting up for 25 minutes" "end it, then run this again"
    fi
    "$@"
    exec {SETUP_LOCK}>&-
}

setup_run() {
    install_needs "$NEEDS_RUN"
    "$REPO/infra/feed/build.sh" {SETUP_LOCK}>&-
    "$REPO/infra/feed/assets.sh" human face-api silero fonts
    step_build cli services/Cli/StreamPlatform.Cli.csproj
    step_models
    step_voice
}

setup_test() {
    install_needs "$NEEDS_RUN"
    install_needs "$NEEDS_TEST"
    "$REPO/infra/feed/build.sh" {SETUP_LOCK}>&-
    "$REPO/infra/feed/assets.sh" human face-api silero fonts
    step_node_modules
    step_build all StreamPlatform.sln
    step_models
    step_voice
}

step_node_modules() {
    local inputs
    inputs=$(hash_of "$REPO/tests/js/package-lock.json" "$REPO/tests/js/package.json")
    if stamp_is node-modules "$inputs" && [ -d "$REPO/tests/js/node_modules" ]; then return; fi
    say "installing the tests' Node.js clients (npm ci in tests/js)"
    logged npm-ci npm ci --prefix "$REPO/tests/js" --no-audit --no-fund || die "npm ci failed in tests/js" "check 'npm ping', then run the same command again"
    stamp_set node-modules "$inputs"
}

# Names, sizes and times of all sources: milliseconds, and a removed file shows too.
sources_state() {
    (cd "$REPO" && find schemas topology infra services tests ./*.props ./*.sln nuget.config BannedSymbols.txt .editorconfig \
        \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum | cut -c1-32)
}

step_build() {
    local state
    state=$(sources_state)
    # The whole solution's build includes the command line's.
    if { stamp_is "build-$1" "$state" || stamp_is build-all "$state"; } && { [ -f "$CLI_DLL" ] || [ "$1" = bench ]; }; then return; fi
    say "building $2 (Release)"
    # One restore at a time may write the packages folder; the build itself may use every core.
    logged "build-$1" dotnet build --nologo -v q -c Release "$REPO/$2" -p:UseSharedCompilation=false ||
        die "building $2 failed" "fix what the compiler says above; if packages are missing: ./streamplatform doctor"
    stamp_set "build-$1" "$state"
}

step_models() {
    grep -rqs convert-models "$REPO/services/Cli" --include=*.cs || return 0
    local inputs
    inputs=$(cd "$REPO" && find infra/Inference -name '*.cs' -not -path '*/obj/*' -print0 | sort -z | xargs -0 cat "$REPO/infra/feed/assets.sha256" | sha256sum | cut -c1-32)
    if stamp_is models "$inputs" && compgen -G "$STREAMPLATFORM_MODELS/*.onnx" >/dev/null; then return; fi
    say "converting the models to ONNX"
    logged convert-models dotnet "$CLI_DLL" internal convert-models || die "converting the models failed" "run it by hand: dotnet $CLI_DLL internal convert-models"
    stamp_set models "$inputs"
}

# The voice activity detector comes as ONNX: it only has to lie beside the others.
step_voice() {
    local model=$STREAMPLATFORM_ASSETS/silero/package/dist/silero_vad_v6.onnx
    cmp -s "$model" "$STREAMPLATFORM_MODELS/silero_vad.onnx" || install -D -m 644 "$model" "$STREAMPLATFORM_MODELS/silero_vad.onnx"
}
