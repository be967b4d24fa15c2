namespace StreamPlatform.Broker.Wire;

/// <summary>The versions of one request that are served. <paramref name="FirstFlexible"/> is the first version with compact
/// lengths and tagged fields (short.MaxValue: none of those served).</summary>
public readonly record struct ApiRange(ApiKey Key, short Min, short Max, short FirstFlexible)
{
    public bool Contains(short version) => version >= Min && version <= Max;
}

/// <summary>The one table of requests and versions; ApiVersions advertises it (those with a registered handler) and the
/// connection refuses what is outside it.</summary>
public static class SupportedApis
{
    private const short Never = short.MaxValue;

    private static readonly ApiRange[] Table =
    [
        // Produce 0-2 are listed but answered with UNSUPPORTED_VERSION: librdkafka before 2.11.1 turns compression off unless 0 is listed.
        new(ApiKey.Produce, 0, 9, 9),
        // Fetch 13 and above address topics by id.
        new(ApiKey.Fetch, 4, 12, 12),
        new(ApiKey.ListOffsets, 1, 7, 6),
        new(ApiKey.Metadata, 0, 12, 9),
        new(ApiKey.OffsetCommit, 2, 8, 8),
        new(ApiKey.OffsetFetch, 1, 8, 6),
        new(ApiKey.FindCoordinator, 0, 4, 3),
        new(ApiKey.JoinGroup, 0, 9, 6),
        new(ApiKey.Heartbeat, 0, 4, 4),
        new(ApiKey.LeaveGroup, 0, 5, 4),
        new(ApiKey.SyncGroup, 0, 5, 4),
        new(ApiKey.DescribeGroups, 0, 5, 5),
        new(ApiKey.ListGroups, 0, 4, 3),
        new(ApiKey.ApiVersions, 0, 4, 3),
        new(ApiKey.CreateTopics, 2, 7, 5),
        new(ApiKey.DeleteTopics, 1, 6, 4),
        new(ApiKey.DeleteRecords, 0, 2, 2),
        new(ApiKey.InitProducerId, 0, 4, 2),
        new(ApiKey.OffsetForLeaderEpoch, 2, 4, 4),
        new(ApiKey.AddPartitionsToTxn, 0, 3, 3),
        new(ApiKey.AddOffsetsToTxn, 0, 3, 3),
        new(ApiKey.EndTxn, 0, 3, 3),
        new(ApiKey.TxnOffsetCommit, 0, 3, 3),
        new(ApiKey.DescribeConfigs, 1, 4, 4),
        new(ApiKey.SaslHandshake, 0, 1, Never),
        new(ApiKey.SaslAuthenticate, 0, 1, 2),
        new(ApiKey.CreatePartitions, 0, 3, 2),
        new(ApiKey.DeleteGroups, 0, 2, 2),
        new(ApiKey.IncrementalAlterConfigs, 0, 1, 1),
        new(ApiKey.OffsetDelete, 0, 0, Never),
        new(ApiKey.DescribeCluster, 0, 1, 0),
        new(ApiKey.DescribeProducers, 0, 0, 0),
        new(ApiKey.DescribeTransactions, 0, 0, 0),
        new(ApiKey.ListTransactions, 0, 1, 0),
    ];

    private static readonly Dictionary<ApiKey, ApiRange> ByKey = Table.ToDictionary(range => range.Key);

    public static IReadOnlyList<ApiRange> All => Table;

    public static bool TryGet(ApiKey key, out ApiRange range) => ByKey.TryGetValue(key, out range);

    /// <summary>The range of a served request; KeyNotFoundException for any other.</summary>
    public static ApiRange Of(ApiKey key) => ByKey[key];
}
