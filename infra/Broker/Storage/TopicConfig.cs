using System.Globalization;

namespace StreamPlatform.Broker.Storage;

/// <summary>How Kafka names the type of a configuration value in DescribeConfigs (ConfigDef.Type).</summary>
internal enum ConfigType : sbyte
{
    Boolean = 1,
    Text = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>One topic configuration key: Kafka's name, default and accepted range.</summary>
internal sealed record ConfigKey(string Name, ConfigType Type, string Default, Func<string, bool> IsValid, string Accepted);

/// <summary>The topic configuration keys that are accepted. Those marked passive are kept and described but change nothing on a single node.</summary>
internal static class TopicConfig
{
    public const string CleanupPolicy = "cleanup.policy";
    public const string RetentionMs = "retention.ms";
    public const string RetentionBytes = "retention.bytes";
    public const string SegmentBytes = "segment.bytes";
    public const string SegmentMs = "segment.ms";
    public const string MaxMessageBytes = "max.message.bytes";
    public const string TimestampType = "message.timestamp.type";

    private static readonly ConfigKey[] Keys =
    [
        new(CleanupPolicy, ConfigType.List, "delete", IsPolicy, "delete, compact or both"),
        Long(RetentionMs, 604_800_000, -1, long.MaxValue),
        Long(RetentionBytes, -1, -1, long.MaxValue),
        Int(SegmentBytes, 1 << 30, 14, int.MaxValue),
        Long(SegmentMs, 604_800_000, 1, long.MaxValue),
        Int(MaxMessageBytes, 1_048_588, 0, int.MaxValue),
        new(TimestampType, ConfigType.Text, "CreateTime", v => v is "CreateTime" or "LogAppendTime", "CreateTime or LogAppendTime"),
        // passive
        new("compression.type", ConfigType.Text, "producer", v => v is "producer" or "uncompressed" or "gzip" or "snappy" or "lz4" or "zstd", "producer or a codec"),
        Long("delete.retention.ms", 86_400_000, 0, long.MaxValue),
        Long("file.delete.delay.ms", 60_000, 0, long.MaxValue),
        Long("flush.messages", long.MaxValue, 1, long.MaxValue),
        Long("flush.ms", long.MaxValue, 0, long.MaxValue),
        Int("index.interval.bytes", 4096, 0, int.MaxValue),
        Long("max.compaction.lag.ms", long.MaxValue, 1, long.MaxValue),
        Long("message.timestamp.after.max.ms", 3_600_000, 0, long.MaxValue),
        Long("message.timestamp.before.max.ms", long.MaxValue, 0, long.MaxValue),
        new("min.cleanable.dirty.ratio", ConfigType.Double, "0.5",
            v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && d is >= 0 and <= 1, "0 to 1"),
        Long("min.compaction.lag.ms", 0, 0, long.MaxValue),
        Int("min.insync.replicas", 1, 1, 1),
        new("preallocate", ConfigType.Boolean, "false", v => bool.TryParse(v, out _), "true or false"),
        Int("segment.index.bytes", 10 * 1024 * 1024, 4, int.MaxValue),
        Long("segment.jitter.ms", 0, 0, long.MaxValue),
        new("unclean.leader.election.enable", ConfigType.Boolean, "false", v => bool.TryParse(v, out _), "true or false"),
    ];

    private static readonly Dictionary<string, ConfigKey> ByName = Keys.ToDictionary(key => key.Name, StringComparer.Ordinal);

    public static IReadOnlyList<ConfigKey> All => Keys;

    /// <summary>Null if the pair is accepted, else what is wrong with it.</summary>
    public static string? Check(string name, string? value)
    {
        if (!ByName.TryGetValue(name, out var key))
        {
            return $"Unknown topic config name: {name}";
        }
        return value is not null && key.IsValid(value) ? null : $"Invalid value {value ?? "null"} for configuration {name}: accepted are {key.Accepted}";
    }

    public static ConfigKey? Find(string name) => ByName.GetValueOrDefault(name);

    private static bool IsPolicy(string value)
    {
        var parts = value.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length is 1 or 2 && parts.All(p => p is "delete" or "compact") && parts.Distinct().Count() == parts.Length;
    }

    private static ConfigKey Long(string name, long fallback, long min, long max) => Number(name, ConfigType.Long, fallback, min, max);

    private static ConfigKey Int(string name, int fallback, int min, int max) => Number(name, ConfigType.Int, fallback, min, max);

    private static ConfigKey Number(string name, ConfigType type, long fallback, long min, long max) => new(
        name, type, fallback.ToString(CultureInfo.InvariantCulture),
        v => long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max,
        string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"));
}

/// <summary>The settings a log acts on, parsed from its topic's configuration.</summary>
internal sealed record LogSettings(
    long RetentionMs, long RetentionBytes, int SegmentBytes, long SegmentMs, int MaxMessageBytes, bool LogAppendTime, bool Compact, bool Delete)
{
    public static LogSettings From(IReadOnlyDictionary<string, string> configs)
    {
        var policy = Value(configs, TopicConfig.CleanupPolicy).Split(',', StringSplitOptions.TrimEntries);
        return new LogSettings(
            Number(configs, TopicConfig.RetentionMs),
            Number(configs, TopicConfig.RetentionBytes),
            (int)Number(configs, TopicConfig.SegmentBytes),
            Number(configs, TopicConfig.SegmentMs),
            (int)Number(configs, TopicConfig.MaxMessageBytes),
            Value(configs, TopicConfig.TimestampType) == "LogAppendTime",
            policy.Contains("compact"),
            policy.Contains("delete"));
    }

    private static string Value(IReadOnlyDictionary<string, string> configs, string name) =>
        configs.TryGetValue(name, out var value) ? value : TopicConfig.Find(name)!.Default;

    private static long Number(IReadOnlyDictionary<string, string> configs, string name) => long.Parse(Value(configs, name), CultureInfo.InvariantCulture);
}
