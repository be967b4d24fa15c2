#!/usr/bin/env bash
# infra/feed/build.sh: makes, under their official ids in .cache/feed, the NuGet packages that restore cannot find.
# A package that the machine's registries serve is left to them. Each package is one step: finished ones are kept when interrupted.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../setup/lib.sh"
HERE=$REPO/infra/feed FEED=$CACHE/feed WORK=$CACHE/build
mkdir -p "$FEED" "$WORK"

# restores ID VERSION: can it be had from the registries (or the packages folder) as things are?
restores() {
    local probe=$WORK/probe/$1
    mkdir -p "$probe"
    printf '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup><ItemGroup><PackageReference Include="%s" Version="[%s]" /></ItemGroup></Project>\n' "$1" "$2" >"$probe/probe.csproj"
    cp "$HERE/Directory.Build.props" "$HERE/Directory.Packages.props" "$probe/"
    dotnet restore --nologo -v q "$probe/probe.csproj" --configfile "$REPO/nuget.config" >"$probe/log" 2>&1 </dev/null
}

# pack ID PROPERTY...: packs infra/feed/ID into the feed; a package of that version unpacked earlier is forgotten
pack() {
    local id=$1 out=$WORK/pack/$1
    shift
    rm -rf "$out" && mkdir -p "$out"
    logged "pack-$id" dotnet pack --nologo -v q -c Release "$HERE/$id/$id.csproj" -o "$out" -p:UseSharedCompilation=false \
        -p:BaseIntermediateOutputPath="$WORK/obj/$id/" -p:BaseOutputPath="$WORK/bin/$id/" "$@" || die "packing $id failed"
    rm -rf "${CACHE:?}/packages/$(echo "$id" | tr '[:upper:]' '[:lower:]')"
    mv "$out"/*.nupkg "$FEED/"
}

# provide ID VERSION ASSET BUILDER: runs BUILDER unless the package is there already or comes from elsewhere
provide() {
    local id=$1 version=$2 asset=$3 builder=$4 inputs
    inputs=$(hash_of "$HERE/build.sh" "$HERE/$id/$id.csproj" "$(grep " $asset " "$HERE/assets.sha256")")
    if stamp_is "feed-$id" "$inputs" && [ -f "$FEED/$id.$version.nupkg" ]; then return; fi
    if stamp_is "feed-$id" registry; then return; fi
    rm -f "$FEED/$id.$version.nupkg"
    if [ ! -d "$CACHE/packages/$(echo "$id" | tr '[:upper:]' '[:lower:]')/$version" ] && restores "$id" "$version"; then
        say "$id $version: served by the machine's package registries"
        stamp_set "feed-$id" registry
        return
    fi
    say "$id $version: not served by the machine's package registries, building it"
    "$HERE/assets.sh" "$asset"
    "$builder"
    stamp_set "feed-$id" "$inputs"
}

build_librdkafka() {
    local tool header src=$CACHE/assets/kafka-javascript/package/deps/librdkafka build=$WORK/librdkafka
    for tool in gcc g++ make strip; do
        have $tool || die "$tool is needed to build librdkafka" "apt-get install build-essential"
    done
    for header in openssl/ssl.h zstd.h lz4.h sasl/sasl.h curl/curl.h zlib.h; do
        echo "#include <$header>" | gcc -E -x c - >/dev/null 2>&1 || die "the C header $header is missing" \
            "apt-get install libssl-dev libzstd-dev liblz4-dev libsasl2-dev libcurl4-openssl-dev zlib1g-dev"
    done
    say "compiling librdkafka (about a minute)"
    rm -rf "$build" && cp -r "$src" "$build"
    (cd "$build" && logged librdkafka-configure bash ./configure && logged librdkafka-make make -j2 -C src) || die "building librdkafka failed"
    local feature
    for feature in SSL ZSTD LZ4_EXT SASL_CYRUS SASL_SCRAM CURL; do
        grep -q "define WITH_$feature 1" "$build/config.h" || die "librdkafka was configured without $feature" "see $CACHE/logs/librdkafka-configure.log"
    done
    strip --strip-unneeded -o "$WORK/librdkafka.so" "$build/src/librdkafka.so.1"
    pack librdkafka.redist -p:NativeLibrary="$WORK/librdkafka.so" -p:LicenseText="$build/LICENSES.txt"
    rm -rf "$build"
}

build_onnxruntime_managed() {
    pack Microsoft.ML.OnnxRuntime.Managed -p:BindingSources="$CACHE/assets/onnxruntime/package/Runtime"
}

build_onnxruntime() {
    local package=$CACHE/assets/onnxruntime/package
    pack Microsoft.ML.OnnxRuntime -p:NativeLibrary="$package/Plugins/Linux/x64/libonnxruntime.so" -p:ThirdPartyNotices="$package/ThirdPartyNotices.txt"
}

# The real consumers load what restore now gives: a package that restores but does not load would fail much later and less clearly.
check_loads() {
    local inputs
    inputs=$(hash_of "$HERE/check/Program.cs" "$HERE/check/check.csproj" "$CACHE"/stamps/feed-librdkafka.redist "$CACHE"/stamps/feed-Microsoft.*)
    if stamp_is feed-check "$inputs"; then return; fi
    say "checking that Confluent.Kafka and ONNX Runtime load"
    logged feed-check dotnet run --project "$HERE/check/check.csproj" -p:UseSharedCompilation=false -p:BaseIntermediateOutputPath="$WORK/obj/check/" -p:BaseOutputPath="$WORK/bin/check/" ||
        die "the native libraries of the package feed do not load" "see the message above; removing .cache/feed and .cache/stamps makes the packages again"
    stamp_set feed-check "$inputs"
}

[ "$(uname -sm)" = "Linux x86_64" ] || die "the package feed is made for Linux on x86_64 only (this is $(uname -sm))" "use a registry that serves librdkafka.redist and Microsoft.ML.OnnxRuntime"
have dotnet || die "the .NET SDK 10 is missing" "install it from https://dotnet.microsoft.com/download/dotnet/10.0"
provide librdkafka.redist 2.15.1 kafka-javascript build_librdkafka
provide Microsoft.ML.OnnxRuntime.Managed 1.29.0 onnxruntime build_onnxruntime_managed
provide Microsoft.ML.OnnxRuntime 1.29.0 onnxruntime build_onnxruntime
check_loads
