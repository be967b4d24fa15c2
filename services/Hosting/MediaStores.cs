using Microsoft.Extensions.Logging;
using StreamPlatform.Media;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Media.Vault;
using StreamPlatform.Media.Waiting;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The media store as the options and the environment configure it.</summary>
public sealed class MediaStores : IDisposable
{
    private static readonly string NoObject = "health/" + new string('0', 64);

    private readonly IMediaKeys keys;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;

    private MediaStores(IObjectStore objects, IMediaKeys keys, TimeProvider time, ILoggerFactory loggers)
    {
        Objects = objects;
        this.keys = keys;
        this.time = time;
        this.loggers = loggers;
        Waiting = new WaitingFiles(objects, keys, new(), time, loggers.CreateLogger<WaitingFiles>());
    }

    /// <summary>Where the bytes lie.</summary>
    public IObjectStore Objects { get; }

    /// <summary>Files that wait for their processing.</summary>
    public WaitingFiles Waiting { get; }

    /// <summary>How long recordings stay.</summary>
    public MediaRetention Retention { get; } = new();

    /// <summary>A directory below the data directory, unless --media names another or a bucket. STREAMPLATFORM_MEDIA_KEY, _MEDIA_FORMER_KEYS, _MEDIA_ACCESS_KEY and _MEDIA_SECRET_KEY: docs/stores.md.</summary>
    /// <exception cref="ArgumentException">Names the option or variable to fix.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static MediaStores Open(PlatformOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var bucket = options.Media.StartsWith("s3://", StringComparison.OrdinalIgnoreCase);
        var location = options.Media.Length > 0 ? options.Media : Path.Combine(options.Data, "media");
        var settings = new MediaStoreOptions
        {
            Location = location,
            KeyDirectory = bucket ? "" : location,
            Key = Variable("MEDIA_KEY"),
            FormerKeys = Variable("MEDIA_FORMER_KEYS"),
            AccessKey = Variable("MEDIA_ACCESS_KEY"),
            SecretKey = Variable("MEDIA_SECRET_KEY"),
        };
        return new MediaStores(settings.OpenObjects(time), settings.OpenKeys(), time, loggers);
    }

    /// <summary>Recordings, referenced from a catalogue.</summary>
    public MediaVault Vault(IMediaCatalog catalog) => new(Objects, catalog, keys, Retention, time);

    /// <summary>The clean-up of recordings.</summary>
    public MediaSweep Sweep(IMediaCatalog catalog) => new(Objects, catalog, Retention, time, loggers.CreateLogger<MediaSweep>());

    /// <summary>Returns when the store has answered.</summary>
    /// <exception cref="IOException">It did not.</exception>
    public async Task AskAsync(CancellationToken ct)
    {
        await using var nothing = await Objects.OpenAsync(NoObject, ct);
    }

    public void Dispose() => (Objects as IDisposable)?.Dispose();

    private static string Variable(string name) => Environment.GetEnvironmentVariable("STREAMPLATFORM_" + name) ?? "";
}
