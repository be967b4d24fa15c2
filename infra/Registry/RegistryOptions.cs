namespace StreamPlatform.Registry;

/// <summary>The embedded schema registry.</summary>
public sealed class RegistryOptions
{
    /// <summary>The levels Confluent's registry knows.</summary>
    internal static readonly string[] CompatibilityLevels =
        ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];

    /// <summary>Kafka that keeps the registry's state, host:port[,host:port]. No default.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Topic of the state: one partition, compacted; created when missing. Default "_schemas". One registry per topic.</summary>
    public string Topic { get; set; } = "_schemas";

    /// <summary>Copies of the topic when it is created. Default 1, range 1..7.</summary>
    public short ReplicationFactor { get; set; } = 1;

    /// <summary>Address to listen on, when the registry has a port of its own. Default 127.0.0.1.</summary>
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>Port to listen on, when the registry has one of its own. Default 8081, 0 = any free one, range 0..65535.</summary>
    public int Port { get; set; } = 8081;

    /// <summary>Compatibility level where neither the subject nor the registry has one set. Default BACKWARD_TRANSITIVE.</summary>
    public string DefaultCompatibility { get; set; } = "BACKWARD_TRANSITIVE";

    /// <summary>Ceiling of reading the topic to its end at start, milliseconds. Default 60000, range 1000..600000.</summary>
    public int StartTimeoutMs { get; set; } = 60_000;

    /// <summary>Ceiling of one write, from the request to its read-back, milliseconds. Default 10000, range 500..300000.</summary>
    public int WriteTimeoutMs { get; set; } = 10_000;

    /// <summary>Largest body of a request, bytes. Default 524288, range 1024..1000000 (a Kafka record must hold it).</summary>
    public int MaxRequestBytes { get; set; } = 512 * 1024;

    /// <summary>Versions of schemas kept, over all subjects; more are refused. Default 50000, range 1..1000000.</summary>
    public int MaxSchemaVersions { get; set; } = 50_000;

    /// <summary>Further settings of the Kafka clients, e.g. security.protocol. Default none.</summary>
    public IReadOnlyDictionary<string, string> ClientProperties { get; set; } = new Dictionary<string, string>();

    /// <exception cref="ArgumentException">A value is missing or outside its range; the message names it.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers))
        {
            throw new ArgumentException("RegistryOptions.BootstrapServers is empty: give the address of Kafka, e.g. 127.0.0.1:9092");
        }

        if (string.IsNullOrWhiteSpace(Topic))
        {
            throw new ArgumentException("RegistryOptions.Topic is empty");
        }

        if (!CompatibilityLevels.Contains(DefaultCompatibility, StringComparer.Ordinal))
        {
            throw new ArgumentException($"RegistryOptions.DefaultCompatibility is '{DefaultCompatibility}', accepted: {string.Join(", ", CompatibilityLevels)}");
        }

        Range(nameof(ReplicationFactor), ReplicationFactor, 1, 7);
        Range(nameof(Port), Port, 0, 65_535);
        Range(nameof(StartTimeoutMs), StartTimeoutMs, 1000, 600_000);
        Range(nameof(WriteTimeoutMs), WriteTimeoutMs, 500, 300_000);
        Range(nameof(MaxRequestBytes), MaxRequestBytes, 1024, 1_000_000);
        Range(nameof(MaxSchemaVersions), MaxSchemaVersions, 1, 1_000_000);
    }

    private static void Range(string name, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"RegistryOptions.{name} is {value}, accepted: {min}..{max}");
        }
    }
}
