namespace StreamPlatform.Broker.Storage;

/// <summary>A topic with its logs. The partition list is replaced, never changed, when partitions are added.</summary>
internal sealed class Topic(string name, Guid id, bool isInternal, IReadOnlyDictionary<string, string> configs) : ITopic
{
    private volatile PartitionLog[] _logs = [];
    private volatile IReadOnlyDictionary<string, string> _configs = configs;

    public string Name => name;
    public Guid Id => id;
    public bool IsInternal => isInternal;
    public IReadOnlyDictionary<string, string> Configs => _configs;
    public PartitionLog[] Logs { get => _logs; set => _logs = value; }
    IReadOnlyList<IPartitionLog> ITopic.Partitions => _logs;

    public PartitionLog? Log(int partition)
    {
        var logs = _logs;
        return (uint)partition < (uint)logs.Length ? logs[partition] : null;
    }

    public void Configure(IReadOnlyDictionary<string, string> newConfigs)
    {
        _configs = newConfigs;
        var settings = LogSettings.From(newConfigs);
        foreach (var log in _logs)
        {
            log.Settings = settings;
        }
    }

    /// <summary>Null if the name is legal, else what is wrong with it (Kafka's Topic.validate).</summary>
    public static string? CheckName(string topic) =>
        topic.Length is 0 or > 249 ? "Topic name must have 1 to 249 characters"
        : topic is "." or ".." ? "Topic name cannot be \".\" or \"..\""
        : topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? null
        : $"Topic name \"{topic}\" is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'";
}
