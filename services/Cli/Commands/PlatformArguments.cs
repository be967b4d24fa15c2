using System.CommandLine;
using Microsoft.Extensions.Logging;
using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;

namespace StreamPlatform.Cli.Commands;

/// <summary>Options that every command which runs the platform takes. Each has an environment variable of the same name: STREAMPLATFORM_KAFKA for --kafka.</summary>
internal sealed class PlatformArguments
{
    private readonly Option<string?> data = new("--data") { Description = "Directory of everything durable" };
    private readonly Option<string?> listen = new("--listen") { Description = "ADDRESS:PORT of pages and API (default 127.0.0.1:8080; port 0 picks one)" };
    private readonly Option<string?> brokerListen = new("--broker-listen") { Description = "ADDRESS:PORT of the embedded broker (default 127.0.0.1:9092)" };
    private readonly Option<string?> registryListen = new("--registry-listen") { Description = "ADDRESS:PORT of the embedded registry (default 127.0.0.1:8081)" };
    private readonly Option<string?> kafka = new("--kafka") { Description = "Bootstrap servers of a Kafka cluster, instead of the embedded broker" };
    private readonly Option<string?> registry = new("--registry") { Description = "Address of a Confluent-compatible registry, instead of the embedded one" };
    private readonly Option<string?> postgres = new("--postgres") { Description = "Connection string of a PostgreSQL, instead of a private one" };
    private readonly Option<string?> postgresReplica = new("--postgres-replica") { Description = "Connection string of a streaming replica of --postgres, for the reads of pages and reports" };
    private readonly Option<string?> cassandra = new("--cassandra")
    {
        Description = "HOST:PORT[,HOST:PORT] of a Cassandra that keeps the emotion series, instead of PostgreSQL (STREAMPLATFORM_CASSANDRA_KEYSPACE, _USER, _PASSWORD, _DATACENTER, _TLS)",
    };

    private readonly Option<string?> media = new("--media") { Description = "Directory of recordings and files, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME (credentials and key: docs/stores.md); default: below --data" };
    private readonly Option<string?> redis = new("--redis") { Description = "HOST:PORT of a Redis that instances share their caches in; default: each caches for itself" };
    private readonly Option<string?> models = new("--models") { Description = "Directory of the ONNX models" };

    private readonly Option<string?> llm = new("--llm")
    {
        Description = "Base address of an OpenAI-compatible API, e.g. https://api.openai.com/v1 (keys: STREAMPLATFORM_LLM_KEYS, a list or a file); without it everything is done offline",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new[] { data, listen, brokerListen, registryListen, kafka, registry, postgres, postgresReplica, cassandra, media, redis, models, llm })
        {
            command.Add(option);
        }
    }

    /// <summary>Command line over environment over default.</summary>
    /// <param name="logLevel">Lowest level logged unless STREAMPLATFORM_LOG says otherwise.</param>
    /// <exception cref="ArgumentException">Names the option.</exception>
    public PlatformOptions Read(ParseResult parsed, LogLevel logLevel)
    {
        var options = PlatformOptions.FromEnvironment(logLevel);
        options.Data = Path.GetFullPath(parsed.GetValue(data) ?? options.Data);
        options.Listen = parsed.GetValue(listen) ?? options.Listen;
        options.BrokerListen = parsed.GetValue(brokerListen) ?? options.BrokerListen;
        options.RegistryListen = parsed.GetValue(registryListen) ?? options.RegistryListen;
        options.Kafka = parsed.GetValue(kafka) ?? options.Kafka;
        options.Registry = parsed.GetValue(registry) ?? options.Registry;
        options.Postgres = parsed.GetValue(postgres) ?? options.Postgres;
        options.PostgresReplica = parsed.GetValue(postgresReplica) ?? options.PostgresReplica;
        options.Cassandra.ContactPoints = parsed.GetValue(cassandra) ?? options.Cassandra.ContactPoints;
        options.Media = parsed.GetValue(media) ?? options.Media;
        options.Redis = parsed.GetValue(redis) ?? options.Redis;
        options.Models = parsed.GetValue(models) ?? options.Models;
        options.Llm = parsed.GetValue(llm) ?? options.Llm;
        options.Validate();
        return options;
    }
}
