namespace StreamPlatform.Schemas;

/// <summary>How the topics of the catalogue are created.</summary>
public sealed class TopicCatalogueOptions
{
    /// <summary>Copies of each partition. Default 1 (one broker), range 1..7.</summary>
    public short ReplicationFactor { get; set; } = 1;

    /// <summary>Ceiling of one request to the cluster, milliseconds. Default 30000, range 1000..300000.</summary>
    public int RequestTimeoutMs { get; set; } = 30_000;

    /// <exception cref="ArgumentException">A value is outside its range; the message names it.</exception>
    public void Validate()
    {
        if (ReplicationFactor is < 1 or > 7)
        {
            throw new ArgumentException($"TopicCatalogueOptions.ReplicationFactor is {ReplicationFactor}, accepted: 1..7");
        }

        if (RequestTimeoutMs is < 1000 or > 300_000)
        {
            throw new ArgumentException($"TopicCatalogueOptions.RequestTimeoutMs is {RequestTimeoutMs}, accepted: 1000..300000");
        }
    }
}
