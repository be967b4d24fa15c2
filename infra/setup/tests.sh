# ./streamplatform test [--all] [filter]: runs the suites one after the other and ends with "N passed, N failed, N skipped". Sourced.

# suite | most seconds it may take | test classes at once, empty = as many as cores. Conformance mostly waits for time-outs of real brokers, so more of it runs at once; the limits leave room for a busy machine.
SUITES='Unit|900|
Conformance|1200|3
EndToEnd|900|'
SUITES_ALL='Faults|2400|'

# The trait of tests that only --all runs, and a filter that names them: without them `test` stays within 15 minutes.
LONG_TESTS=Run=all

run_tests() {
    local suites=$SUITES filter= all=
    while [ $# -gt 0 ]; do
        case $1 in
            --all) suites=$SUITES$'\n'$SUITES_ALL all=1 ;;
            -*) die "test does not know $1" "usage: ./streamplatform test [--all] [FILTER]   FILTER: part of a test's full name, * allowed" ;;
            *) [ -z "$filter" ] || die "test takes one filter, not '$filter' and '$1'"; filter=$1 ;;
        esac
        shift
    done
    setup_locked setup_test
    export STREAMPLATFORM_TEST_RUN=$$-$(date +%s)
    export STREAMPLATFORM_ROOT=$REPO STREAMPLATFORM_CLI=$CLI_DLL
    trap 'kill_leftovers; trap - INT TERM; exit 130' INT TERM
    local suite seconds threads passed=0 failed=0 skipped=0
    rm -f "$CACHE"/logs/test-*.xml
    while IFS='|' read -r suite seconds threads; do
        run_suite "$suite" "$seconds" "$threads" "$filter"
    done <<<"$suites"
    [ -z "$filter" ] || [ $((passed + failed + skipped)) -gt 0 ] || { echo "no test's full name contains '$filter'" >&2; failed=1; }
    [ "$failed" = 0 ] || failed_tests
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}

# run_suite NAME SECONDS THREADS FILTER: reads all of the caller, adds to its passed, failed and skipped
run_suite() {
    local name=$1 seconds=$2 threads=$3 filter=$4 status=0 report counts
    local executable=$REPO/tests/$name/bin/Release/net10.0/StreamPlatform.Tests.$name
    report=$CACHE/logs/test-$name.xml
    local arguments=(-noColor -noLogo -noAutoReporters -xml "$report" -longRunning 60)
    [ -z "$threads" ] || arguments+=(-maxThreads "$threads")
    [ -z "$filter" ] || arguments+=(-method "*$filter*")
    [ -n "$filter$all" ] || arguments+=(-trait- "$LONG_TESTS")
    rm -f "$report"
    [ -x "$executable" ] || { echo "$name: $executable was not built"; failed=$((failed + 1)); return; }
    say "tests: $name (at most $seconds s)"
    # In the background, so that Ctrl-C is handled now and not when the suite ends. bash lets background commands ignore SIGINT,
    # and so would every platform that a test interrupts: hence the default again.
    (cd "$REPO" && exec ${DEFAULT_SIGINT:-} timeout --signal=INT --kill-after=20 "$seconds" "$executable" "${arguments[@]}") </dev/null &
    wait $! || status=$?
    kill_leftovers
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        echo "$name: stopped after $seconds s, its time is up; the tests named as long running above did not end"
        failed=$((failed + 1))
    fi
    if [ ! -s "$report" ]; then
        [ "$status" = 124 ] || [ "$status" = 137 ] || { echo "$name: ended with code $status and wrote no report"; failed=$((failed + 1)); }
        return
    fi
    counts=$(grep -o '<assembly [^>]*>' "$report" | head -1)
    passed=$((passed + $(attribute passed)))
    failed=$((failed + $(attribute failed) + $(attribute errors)))
    skipped=$((skipped + $(attribute skipped) + $(attribute not-run)))
    # Code 1 is failed tests, counted above; anything else is a runner that broke.
    if [ "$status" != 0 ] && [ "$status" != 124 ] && [ "$status" != 137 ] && [ "$(attribute failed)" = 0 ] && [ "$(attribute errors)" = 0 ] && [ "$(attribute total)" != 0 ]; then
        echo "$name: all its tests passed, yet it ended with code $status"
        failed=$((failed + 1))
    fi
}

# Names and first lines of what failed, once more at the end: the runs above are long.
failed_tests() {
    local report
    for report in "$CACHE"/logs/test-*.xml; do
        [ -s "$report" ] || continue
        tr '\n' ' ' <"$report" | sed 's/<test /\n<test /g' | grep '^<test [^>]*result="Fail"' |
            sed 's/^<test [^>]*name="\([^"]*\)".*<message>\(.*\)<\/message>.*/FAILED \1: \2/; s/<!\[CDATA\[//; s/\]\]>//' | cut -c1-600 || true # a suite without failures has none to show
    done
}

attribute() { local value; value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counts"); echo "${value:-0}"; }

# Whatever the tests started inherited this run's mark, sessions and users of their own notwithstanding.
# (This shell set the mark after its own start, so its own environment does not show it.)
kill_leftovers() {
    local process
    for process in /proc/[0-9]*; do
        if grep -qzxF "STREAMPLATFORM_TEST_RUN=$STREAMPLATFORM_TEST_RUN" "$process/environ" 2>/dev/null; then
            kill -9 "${process#/proc/}" 2>/dev/null || true
        fi
    done
}
