namespace StreamPlatform.Broker.Groups;

/// <summary>Options of consumer groups; the defaults are Apache Kafka's unless said otherwise.</summary>
public sealed class GroupOptions
{
    /// <summary>Shortest session timeout a member may ask for, ms. Default 6000, range 100-3600000.</summary>
    public int MinSessionTimeoutMs { get; set; } = 6_000;
    /// <summary>Longest session timeout a member may ask for, ms. Default 1800000, range MinSessionTimeoutMs-86400000.</summary>
    public int MaxSessionTimeoutMs { get; set; } = 1_800_000;
    /// <summary>Members of one group. Default 1000, range 1-10000 (Kafka: unbounded).</summary>
    public int MaxMembers { get; set; } = 1_000;
    /// <summary>Longest metadata text of a committed offset, bytes of UTF-8. Default 4096, range 0-65536.</summary>
    public int MaxOffsetMetadataBytes { get; set; } = 4_096;
    /// <summary>Offsets of a group without members are kept so long after the last commit or the last member, ms. Default 7 d, range 1 s-10 y.</summary>
    public long OffsetsRetentionMs { get; set; } = 7L * 86_400_000;
    /// <summary>How often expired offsets are looked for, ms. Default 10 min, range 10 ms-1 d.</summary>
    public int OffsetsRetentionCheckMs { get; set; } = 600_000;
    /// <summary>Partitions of __consumer_offsets when it is first made. Default 4 (Kafka: 50), range 1-50.</summary>
    public int OffsetsTopicPartitions { get; set; } = 4;

    /// <summary>Throws <see cref="ArgumentException"/> naming the key and the accepted range.</summary>
    public void Validate()
    {
        Range(nameof(MinSessionTimeoutMs), MinSessionTimeoutMs, 100, 3_600_000);
        Range(nameof(MaxSessionTimeoutMs), MaxSessionTimeoutMs, MinSessionTimeoutMs, 86_400_000);
        Range(nameof(MaxMembers), MaxMembers, 1, 10_000);
        Range(nameof(MaxOffsetMetadataBytes), MaxOffsetMetadataBytes, 0, 65_536);
        Range(nameof(OffsetsRetentionMs), OffsetsRetentionMs, 1_000, 315_360_000_000);
        Range(nameof(OffsetsRetentionCheckMs), OffsetsRetentionCheckMs, 10, 86_400_000);
        Range(nameof(OffsetsTopicPartitions), OffsetsTopicPartitions, 1, 50);
    }

    private static void Range(string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{nameof(GroupOptions)}.{key} is {value}: accepted range {min} to {max}.");
        }
    }
}
