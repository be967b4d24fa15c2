# ./streamplatform bench NAME [--json] [--runs N] [--records N] [--hold SECONDS]: a benchmark beside its peer, on one Apache Kafka or on what it starts itself. Sourced.

run_bench() {
    setup_locked setup_bench "${1:-}" >&2
    local program=$REPO/tests/Benchmarks/bin/Release/net10.0
    [ -x "$CACHE/bench/StreamPlatform.Tests.Benchmarks" ] && program=$CACHE/bench
    STREAMPLATFORM_ROOT=$REPO exec "$program/StreamPlatform.Tests.Benchmarks" "$@"
}

setup_bench() {
    case ${1:-} in
        emotion | resumes | interviews) setup_run ;; # the whole platform, its models included
        *)
            install_needs "$NEEDS_RUN"
            "$REPO/infra/feed/build.sh" {SETUP_LOCK}>&-
            ;;
    esac
    step_build bench tests/Benchmarks/StreamPlatform.Tests.Benchmarks.csproj
    step_precompile
}

# Compiled ahead of time, as the platform is deployed: a run of half a second would measure the compiler. Where the registry serves no compiler, the plain build runs.
step_precompile() {
    local state
    state=$(sources_state)
    if stamp_is bench-precompiled "$state"; then return; fi
    rm -rf "$CACHE/bench"
    logged bench-precompile dotnet publish --nologo -v q -c Release -r linux-x64 --no-self-contained -p:PublishReadyToRun=true \
        "$REPO/tests/Benchmarks/StreamPlatform.Tests.Benchmarks.csproj" -o "$CACHE/bench" -p:UseSharedCompilation=false 2>/dev/null ||
        { rm -rf "$CACHE/bench"; say "no ahead-of-time compiler to be had: the benchmark compiles while it runs"; }
    stamp_set bench-precompiled "$state"
}
