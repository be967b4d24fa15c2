# ./streamplatform doctor: for each thing needed, found / will be installed / missing and how to get it. Changes nothing. Sourced.

DOCTOR_BAD=0
line() { printf '%-18s %s\n' "$1" "$2"; }
missing() { line missing "$1"; printf '%-18s   to fix: %s\n' '' "$2"; DOCTOR_BAD=1; }

doctor_needs() {
    local name packages what
    while IFS='|' read -r name packages what; do
        if "needs_$name"; then
            line found "$what$(doctor_version "$name")"
        elif [ "$packages" = - ]; then
            missing "$what" "install it, then run this again"
        elif [ "$(id -u)" = 0 ] && have apt-get; then
            line 'will be installed' "$what: apt-get install $packages"
        elif [ "$2" = optional ]; then
            line missing "$what (only ./streamplatform test needs it): sudo apt-get install $packages"
        else
            missing "$what" "sudo apt-get install $packages"
        fi
    done <<<"$1"
}

doctor_version() {
    case $1 in
        dotnet) printf ': %s' "$(dotnet --version 2>/dev/null)" ;;
        compiler) printf ': %s' "$(gcc -dumpfullversion)" ;;
        npm) printf ': node %s, npm %s' "$(node --version)" "$(npm --version 2>/dev/null)" ;;
        postgres) printf ': %s' "$(postgres_bin)" ;;
        chromium) printf ': %s' "$(command -v chromium chromium-browser google-chrome | head -1)" ;;
    esac
}

doctor_made() {
    local id
    for id in librdkafka.redist.2.15.1 Microsoft.ML.OnnxRuntime.Managed.1.29.0 Microsoft.ML.OnnxRuntime.1.29.0; do
        if [ -f "$CACHE/feed/$id.nupkg" ]; then line found "package $id, built here"
        elif stamp_is "feed-${id%.*.*.*}" registry; then line found "package $id, from the registry"
        else line 'will be installed' "package $id: from the registry, else built (about a minute)"; fi
    done
    local folder
    for folder in human face-api silero fonts; do
        if [ -f "$CACHE/assets/$folder/.sha256" ]; then line found "npm files: $folder"; else line 'will be installed' "npm files: $folder"; fi
    done
    if compgen -G "$STREAMPLATFORM_MODELS/*.onnx" >/dev/null; then line found "models: $STREAMPLATFORM_MODELS"; else line 'will be installed' "models, converted to ONNX in $STREAMPLATFORM_MODELS"; fi
    if [ -f "$CLI_DLL" ]; then line found "the platform, built"; else line 'will be installed' "the platform: built from source"; fi
}

doctor_machine() {
    if [ "$(uname -sm)" = "Linux x86_64" ]; then line found "Linux on x86_64"; else missing "Linux on x86_64 (this is $(uname -sm))" "use such a machine, or a registry that serves the native packages"; fi
    if [ -w "$REPO" ]; then line found "write access to $REPO"; else missing "write access to $REPO" "clone the project to a directory of your own"; fi
    local data=${STREAMPLATFORM_DATA:-} above
    if [ -z "$data" ]; then if [ "$(id -u)" = 0 ]; then data=/var/lib/streamplatform; else data=${XDG_DATA_HOME:-$HOME/.local/share}/streamplatform; fi; fi
    above=$data
    while [ ! -e "$above" ]; do above=$(dirname "$above"); done
    if [ -w "$above" ]; then line found "write access for data: $data"; else missing "write access for data: $data" "give another directory: --data DIR, or STREAMPLATFORM_DATA"; fi
    local free_mb
    free_mb=$(df -Pm "$REPO" | awk 'NR==2 {print $4}')
    if [ "${free_mb:-0}" -ge 4096 ]; then line found "free space: $free_mb MB"; else missing "4096 MB of free space (there are $free_mb MB)" "free some, or clone to another disk"; fi
}

doctor_optional() {
    doctor_needs "$NEEDS_TEST" optional
    if have java; then line found "Java: $(java -version 2>&1 | head -1)"; else line missing "Java 17 (tests against real engines only; they are skipped without): apt-get install openjdk-17-jre-headless"; fi
    if engines >/dev/null; then line found "real engines: $(engines)"; else line missing "real engines (tests against them are skipped without): set STREAMPLATFORM_ENGINES to their folder"; fi
    if [ -d "$REPO/tests/js/node_modules" ]; then line found "the tests' Node.js clients"; else line 'will be installed' "the tests' Node.js clients: npm ci in tests/js (tests only)"; fi
}

engines() {
    local folder
    for folder in "${STREAMPLATFORM_ENGINES:-}" "$REPO/../shared/engines"; do
        if [ -n "$folder" ] && [ -x "$folder/kafka/kafka" ]; then (cd "$folder" && pwd); return; fi
    done
    return 1
}

doctor() {
    doctor_machine
    doctor_needs "$NEEDS_RUN" required
    doctor_made
    doctor_optional
    if [ $DOCTOR_BAD = 0 ]; then echo "ready: ./streamplatform demo"; else echo "not ready: see what is missing above"; fi
    return $DOCTOR_BAD
}
