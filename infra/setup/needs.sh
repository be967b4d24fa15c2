# What the machine must have: how each need is seen, and the Debian packages that bring it. Sourced by ./streamplatform.

needs_dotnet() { have dotnet && dotnet --list-sdks 2>/dev/null | grep '^10\.' >/dev/null; }
needs_compiler() { have gcc && have g++ && have make && have strip; }
needs_npm() { have node && have npm; }
needs_postgres() { postgres_bin >/dev/null; }
needs_turbojpeg() { library libturbojpeg.so.0; }
needs_pocketsphinx() { have pocketsphinx_continuous && library libpocketsphinx.so.3 && library libsphinxbase.so.3; }
needs_speechmodel() { [ -f /usr/share/pocketsphinx/model/en-us/en-us/mdef ]; }
needs_speechclips() { compgen -G '/usr/share/pocketsphinx/test/data/librivox/*.wav' >/dev/null; }
needs_opus() { library libopus.so.0; }
needs_ffmpeg() { have ffmpeg && have ffprobe; }
needs_pdftotext() { have pdftotext; }
needs_espeak() { have espeak-ng; }
needs_rdkafkadev() {
    [ -f "$CACHE/stamps/feed-librdkafka.redist" ] || # built or served by a registry: the headers have done their work
        echo '#include <openssl/ssl.h>
#include <zstd.h>
#include <lz4.h>
#include <sasl/sasl.h>
#include <curl/curl.h>
#include <zlib.h>' | gcc -E -x c - >/dev/null 2>&1
}
needs_rdkafkalibs() { local so; for so in libssl.so.3 libzstd.so.1 liblz4.so.1 libsasl2.so.2 libcurl.so.4 libz.so.1; do library $so || return 1; done; }
needs_setpriv() { have setpriv && have setsid; }
needs_chromium() { have chromium || have chromium-browser || have google-chrome; }
needs_kcat() { have kcat; }
needs_redis() { have redis-server; }
needs_swift() { [ -d /usr/lib/python3/dist-packages/swift ]; }

# (grep reads to the end: with -q the writer would die of a closed pipe, and pipefail turn that into "not found")
library() { /sbin/ldconfig -p 2>/dev/null | grep -F "$1 " >/dev/null; }

# The directory of initdb and postgres: STREAMPLATFORM_POSTGRES_BIN, PATH, or the newest of Debian's.
postgres_bin() {
    local directory
    for directory in "${STREAMPLATFORM_POSTGRES_BIN:-}" "$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr); do
        if [ -n "$directory" ] && [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ]; then
            echo "$directory"
            return
        fi
    done
    return 1
}

# name | Debian packages ("-": not from Debian) | what for
NEEDS_RUN='dotnet|-|.NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0)
compiler|build-essential|C compiler and make, for librdkafka
npm|nodejs npm|Node.js and npm, which bring models and sources
rdkafkadev|libssl-dev libzstd-dev liblz4-dev libsasl2-dev libcurl4-openssl-dev zlib1g-dev|headers for librdkafka (TLS, zstd, lz4, SASL)
rdkafkalibs|libssl3 libzstd1 liblz4-1 libsasl2-2 libcurl4 zlib1g|libraries that librdkafka loads
postgres|postgresql|PostgreSQL server programs
setpriv|util-linux|setpriv and setsid, which tie PostgreSQL to the platform and run it as its own user
turbojpeg|libturbojpeg0|JPEG decoder
pocketsphinx|pocketsphinx libpocketsphinx3 libsphinxbase3|offline speech recogniser
speechmodel|pocketsphinx-en-us|English speech model
speechclips|pocketsphinx-testdata|recorded speech for the demo
opus|libopus0|Opus decoder
ffmpeg|ffmpeg|video files (analyse FILE)
pdftotext|poppler-utils|text of PDF resumes
espeak|espeak-ng|offline voice for questions'
NEEDS_TEST='chromium|chromium|browser (tests)
kcat|kcat|another Kafka client (tests)
redis|redis-server|shared cache (tests)
swift|python3-swift|object store that speaks S3 (tests)'

# install_needs LIST: installs at once every Debian package whose need is not met
install_needs() {
    local name packages what missing=() wanted=()
    while IFS='|' read -r name packages what; do
        "needs_$name" && continue
        [ "$packages" != - ] || die "missing: $what"
        missing+=("$what")
        # shellcheck disable=SC2206 # words
        wanted+=($packages)
    done <<<"$1"
    [ ${#wanted[@]} -gt 0 ] || return 0
    local command="apt-get install -y --no-install-recommends ${wanted[*]}"
    [ "$(id -u)" = 0 ] || die "missing: $(joined "${missing[@]}")" "sudo $command"
    have apt-get || die "missing: $(joined "${missing[@]}")" "this is no Debian; install what its packages '${wanted[*]}' hold"
    say "installing with apt-get: ${wanted[*]}"
    # A fresh image has no package lists, an old one has outdated ones: refresh only when the first attempt fails.
    export DEBIAN_FRONTEND=noninteractive
    logged apt-install $command 2>/dev/null || { logged apt-update apt-get update && logged apt-install $command; } ||
        die "apt-get could not install ${wanted[*]}" "run it by hand: apt-get update && $command"
    while IFS='|' read -r name packages what; do
        "needs_$name" || die "still missing after installing $packages: $what" "run ./streamplatform doctor"
    done <<<"$1"
}

joined() { local IFS=';'; echo "$*" | sed 's/;/; /g'; }
