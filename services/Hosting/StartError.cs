using System.Net.Sockets;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Streams;

namespace StreamPlatform.Hosting;

/// <summary>Turns what can go wrong at the start into words that name the thing to fix.</summary>
public static class StartError
{
    /// <summary>The explanation; null for what is a bug rather than a circumstance.</summary>
    public static PlatformException? Explain(Exception error, PlatformOptions options) => error switch
    {
        PlatformException known => known,
        _ when InUse(error) => new PlatformException(
            $"a port is taken: {Deepest(error).Message}; free it, or give another one with --listen ({options.Listen}), --broker-listen ({options.BrokerListen}) or --registry-listen ({options.RegistryListen})",
            error),
        Confluent.Kafka.KafkaException kafka => new PlatformException(
            $"Kafka at {(options.Kafka.Length > 0 ? options.Kafka : options.BrokerListen)} did not answer as expected: {kafka.Error.Reason}; check --kafka", kafka),
        HttpRequestException http => new PlatformException($"the schema registry did not answer: {http.Message}; check --registry {options.Registry}", http),
        Npgsql.NpgsqlException database => new PlatformException($"PostgreSQL did not answer: {database.Message}; check --postgres", database),
        PostgresMigrationException or CassandraSeriesException or StreamsConfigurationException =>
            new PlatformException(error.Message, error),
        TransportException transport => new PlatformException($"Kafka did not answer as expected: {transport.Message}; check --kafka", transport),
        IOException or UnauthorizedAccessException or TimeoutException or StreamPlatform.Schemas.TopicMismatchException => new PlatformException(error.Message, error),
        _ => null,
    };

    private static bool InUse(Exception? error) =>
        error is not null && (error is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || InUse(error.InnerException));

    private static Exception Deepest(Exception error) => error.InnerException is { } inner && error is not IOException ? Deepest(inner) : error;
}
