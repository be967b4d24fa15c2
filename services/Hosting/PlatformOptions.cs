using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Hosting;

/// <summary>Where the platform listens, keeps its data, and which engines it uses. Every empty engine means: the embedded one.</summary>
public sealed class PlatformOptions
{
    /// <summary>Directory of everything durable. Default: /var/lib/streamplatform for root, else ~/.local/share/streamplatform.</summary>
    public string Data { get; set; } = DefaultData();

    /// <summary>host:port of pages, API and WebSockets; port 0 picks a free one. Default 127.0.0.1:8080.</summary>
    public string Listen { get; set; } = "127.0.0.1:8080";

    /// <summary>host:port of the embedded broker; port 0 picks a free one. Default 127.0.0.1:9092.</summary>
    public string BrokerListen { get; set; } = "127.0.0.1:9092";

    /// <summary>host:port of the embedded registry; port 0 picks a free one. Default 127.0.0.1:8081.</summary>
    public string RegistryListen { get; set; } = "127.0.0.1:8081";

    /// <summary>Bootstrap servers of a Kafka cluster; empty = the embedded broker.</summary>
    public string Kafka { get; set; } = "";

    /// <summary>Address of a Confluent-compatible registry; empty = the embedded one, kept on the Kafka in use.</summary>
    public string Registry { get; set; } = "";

    /// <summary>Npgsql connection string; empty = a PostgreSQL started as a child on a private directory.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>Npgsql connection string of a streaming replica of <see cref="Postgres"/>, for the reads of pages and reports; empty = none.</summary>
    public string PostgresReplica { get; set; } = "";

    /// <summary>Cassandra that keeps the emotion series; without contact points it lies in PostgreSQL.</summary>
    public CassandraSeriesOptions Cassandra { get; } = new();

    /// <summary>Media store: a directory, or s3://BUCKET/PREFIX?endpoint=URL&amp;region=NAME; empty = below the data directory. Its keys and credentials come from the environment (docs/stores.md).</summary>
    public string Media { get; set; } = "";

    /// <summary>Redis that instances share their caches in, as StackExchange.Redis configures it: HOST:PORT[,password=...,ssl=true]; empty = each caches for itself. Never logged.</summary>
    public string Redis { get; set; } = "";

    /// <summary>Directory of the ONNX models. Default .cache/models, where the script puts them.</summary>
    public string Models { get; set; } = Path.Combine(".cache", "models");

    /// <summary>Directory of the offline recogniser's model. Default: where Debian's pocketsphinx-en-us puts it.</summary>
    public string SpeechModel { get; set; } = "/usr/share/pocketsphinx/model/en-us";

    /// <summary>Run the face models on CUDA (a build with -p:Gpu=true); without a GPU they run on the processor, and the log says so. Default false.</summary>
    public bool Cuda { get; set; }

    /// <summary>Resumes that one client may send within an hour. Default 100, 1 .. 1,000,000.</summary>
    public int ResumesPerHour { get; set; } = 100;

    /// <summary>Resumes that one client may send within a day. Default 1,000, 1 .. 10,000,000.</summary>
    public int ResumesPerDay { get; set; } = 1_000;

    /// <summary>Slot of this process among those that run the same service at once; each needs its own. 0..999, default 0.</summary>
    public int InstanceSlot { get; set; }

    /// <summary>Base address of an OpenAI-compatible API, e.g. https://api.openai.com/v1; empty = no calls to AI providers, everything is done offline.</summary>
    public string Llm { get; set; } = "";

    /// <summary>API keys: a list "a,b", or the path of a file with one per line (changes are taken over while running). Never logged.</summary>
    public string LlmKeys { get; set; } = "";

    /// <summary>Replication factor of topics that are created; 1 on one host, 3 on a cluster. 1..9.</summary>
    public short ReplicationFactor { get; set; } = 1;

    /// <summary>Lowest level that is logged, as JSON lines on stderr. Default Information.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>How long the platform may take to stop. Default 20 s, 1 s .. 5 min.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Fills what the environment sets: STREAMPLATFORM_KAFKA, _REGISTRY, _POSTGRES, _POSTGRES_REPLICA, _CASSANDRA (with _KEYSPACE, _USER, _PASSWORD, _DATACENTER, _TLS and _RETENTION_DAYS), _MEDIA, _REDIS, _LISTEN, _DATA, _MODELS, _SPEECH_MODEL, _LLM, _LLM_KEYS, _CUDA, _SLOT, _RESUMES_PER_HOUR, _RESUMES_PER_DAY, _REPLICATION, _LOG.</summary>
    /// <exception cref="ArgumentException">Names the variable and what it accepts.</exception>
    public static PlatformOptions FromEnvironment(LogLevel logLevel = LogLevel.Information)
    {
        var options = new PlatformOptions { LogLevel = logLevel };
        options.Kafka = Variable("KAFKA", options.Kafka);
        options.Registry = Variable("REGISTRY", options.Registry);
        options.Postgres = Variable("POSTGRES", options.Postgres);
        options.PostgresReplica = Variable("POSTGRES_REPLICA", options.PostgresReplica);
        ReadCassandra(options.Cassandra);
        options.Media = Variable("MEDIA", options.Media);
        options.Redis = Variable("REDIS", options.Redis);
        options.Listen = Variable("LISTEN", options.Listen);
        options.BrokerListen = Variable("BROKER_LISTEN", options.BrokerListen);
        options.RegistryListen = Variable("REGISTRY_LISTEN", options.RegistryListen);
        options.Data = Variable("DATA", options.Data);
        options.Models = Variable("MODELS", options.Models);
        options.SpeechModel = Variable("SPEECH_MODEL", options.SpeechModel);
        options.Llm = Variable("LLM", options.Llm);
        options.LlmKeys = Variable("LLM_KEYS", options.LlmKeys);
        options.Cuda = Variable("CUDA", "") is "1" or "true";
        options.ResumesPerHour = Number("RESUMES_PER_HOUR", options.ResumesPerHour);
        options.ResumesPerDay = Number("RESUMES_PER_DAY", options.ResumesPerDay);
        if (Variable("SLOT", "") is { Length: > 0 } slot)
        {
            options.InstanceSlot = int.TryParse(slot, out var value) ? value : throw new ArgumentException($"STREAMPLATFORM_SLOT is '{slot}'; it takes a whole number from 0 to 999");
        }

        if (Variable("REPLICATION", "") is { Length: > 0 } factor)
        {
            options.ReplicationFactor = short.TryParse(factor, out var value)
                ? value
                : throw new ArgumentException($"STREAMPLATFORM_REPLICATION is '{factor}'; it takes a whole number from 1 to 9");
            options.Cassandra.ReplicationFactor = options.ReplicationFactor;
        }

        if (Variable("LOG", "") is { Length: > 0 } level)
        {
            options.LogLevel = Enum.TryParse<LogLevel>(level, ignoreCase: true, out var value)
                ? value
                : throw new ArgumentException($"STREAMPLATFORM_LOG is '{level}'; it takes Trace, Debug, Information, Warning, Error, Critical or None");
        }

        return options;
    }

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        ParseEndpoint("--listen", Listen);
        ParseEndpoint("--broker-listen", BrokerListen);
        ParseEndpoint("--registry-listen", RegistryListen);
        Require(Data.Length > 0, "--data is empty; it takes a directory that this user can write");
        Require(InstanceSlot is >= 0 and <= 999, $"slot is {InstanceSlot}; it takes 0 to 999");
        Require(ReplicationFactor is >= 1 and <= 9, $"replication factor is {ReplicationFactor}; it takes 1 to 9");
        Require(Registry.Length == 0 || Uri.TryCreate(Registry, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
            $"--registry is '{Registry}'; it takes an address such as http://127.0.0.1:8081");
        if (Cassandra.ContactPoints.Length > 0)
        {
            Cassandra.Validate();
        }

        Require(Llm.Length == 0 || Uri.TryCreate(Llm, UriKind.Absolute, out var llm) && llm.Scheme is "http" or "https",
            $"--llm is '{Llm}'; it takes an address such as https://api.openai.com/v1");
        RequireConnectionString("--postgres", Postgres);
        RequireConnectionString("--postgres-replica", PostgresReplica);
        Require(PostgresReplica.Length == 0 || Postgres.Length > 0, "--postgres-replica is given without --postgres: the embedded PostgreSQL has no replica");
        MediaLocation.Parse(Media.Length > 0 ? Media : Data);
        Require(StopTimeout >= TimeSpan.FromSeconds(1) && StopTimeout <= TimeSpan.FromMinutes(5), $"stop timeout is {StopTimeout}; it takes 1 s to 5 min");
    }

    /// <summary>host:port as an address.</summary>
    /// <exception cref="ArgumentException">Names the option.</exception>
    public static IPEndPoint ParseEndpoint(string option, string value) =>
        IPEndPoint.TryParse(value.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal), out var endpoint) && value.Contains(':')
            ? endpoint
            : throw new ArgumentException($"{option} is '{value}'; it takes ADDRESS:PORT such as 127.0.0.1:8080");

    private static void ReadCassandra(CassandraSeriesOptions cassandra)
    {
        cassandra.ContactPoints = Variable("CASSANDRA", cassandra.ContactPoints);
        cassandra.Keyspace = Variable("CASSANDRA_KEYSPACE", cassandra.Keyspace);
        cassandra.User = Variable("CASSANDRA_USER", cassandra.User);
        cassandra.Password = Variable("CASSANDRA_PASSWORD", cassandra.Password);
        cassandra.Datacenter = Variable("CASSANDRA_DATACENTER", cassandra.Datacenter);
        cassandra.Tls = Variable("CASSANDRA_TLS", "") is "1" or "true";
        cassandra.TlsName = Variable("CASSANDRA_TLS_NAME", cassandra.TlsName);
        cassandra.Retention = TimeSpan.FromDays(Number("CASSANDRA_RETENTION_DAYS", (int)cassandra.Retention.TotalDays));
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    // the text is not repeated: it may hold a password
    private static void RequireConnectionString(string option, string text)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new ArgumentException($"{option} is no connection string; it takes one such as \"Host=127.0.0.1;Database=streamplatform;Username=streamplatform;Password=...\"", e);
        }
    }

    private static string Variable(string name, string fallback) =>
        Environment.GetEnvironmentVariable("STREAMPLATFORM_" + name) is { Length: > 0 } value ? value : fallback;

    private static int Number(string name, int fallback) => Variable(name, "") is not { Length: > 0 } text ? fallback
        : int.TryParse(text, out var value) ? value : throw new ArgumentException($"STREAMPLATFORM_{name} is '{text}'; it takes a whole number");

    private static string DefaultData() =>
        Environment.UserName == "root"
            ? "/var/lib/streamplatform"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "streamplatform");
}
