# ./streamplatform bench NAME [--json] [--runs N] [--records N]: a benchmark beside its peer on one Apache Kafka. Sourced.

run_bench() {
    setup_locked setup_bench "$@" >&2
    STREAMPLATFORM_ROOT=$REPO exec "$REPO/tests/Benchmarks/bin/Release/net10.0/StreamPlatform.Tests.Benchmarks" "$@"
}

setup_bench() {
    case ${1:-} in
        resumes) setup_run ;; # the whole platform, its models included
        *)
            install_needs "$NEEDS_RUN"
            "$REPO/infra/feed/build.sh" {SETUP_LOCK}>&-
            ;;
    esac
    step_build bench tests/Benchmarks/StreamPlatform.Tests.Benchmarks.csproj
}
