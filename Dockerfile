# The platform's command line with everything it loads: `docker run IMAGE up`. Used by docker-compose.kafka.yml.
# Package names are Ubuntu 24.04's, on which Microsoft's images of .NET 10 stand.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential nodejs npm libssl-dev libzstd-dev liblz4-dev libsasl2-dev libcurl4-openssl-dev zlib1g-dev libturbojpeg \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The package feed (librdkafka, ONNX Runtime) and the models' files change seldom: a layer of their own.
COPY nuget.config Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY infra/setup infra/setup
COPY infra/feed infra/feed
RUN infra/feed/build.sh && infra/feed/assets.sh human face-api silero fonts
COPY . .
RUN dotnet publish services/Cli/StreamPlatform.Cli.csproj -c Release -r linux-x64 --no-self-contained -p:PublishReadyToRun=true -o /app --nologo \
    && STREAMPLATFORM_ASSETS=/source/.cache/assets STREAMPLATFORM_MODELS=/app/models dotnet /app/streamplatform.dll internal convert-models \
    && install -m 644 .cache/assets/silero/package/dist/silero_vad_v6.onnx /app/models/silero_vad.onnx

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends \
        libssl3 libzstd1 liblz4-1 libsasl2-2 libcurl4 zlib1g libturbojpeg libpocketsphinx3 libsphinxbase3 pocketsphinx-en-us libopus0 ffmpeg poppler-utils espeak-ng curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/streamplatform --create-home streamplatform
COPY --from=build /app /app
ENV STREAMPLATFORM_MODELS=/app/models \
    STREAMPLATFORM_LISTEN=0.0.0.0:8080 \
    STREAMPLATFORM_DATA=/var/lib/streamplatform
USER streamplatform
VOLUME /var/lib/streamplatform
EXPOSE 8080
ENTRYPOINT ["dotnet", "/app/streamplatform.dll"]
CMD ["up"]
