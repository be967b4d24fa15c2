namespace StreamPlatform.Streams;

/// <summary>One input partition of a task.</summary>
internal sealed class TaskInput(SourceNode source, int partition)
{
    /// <summary>Set for a retry topic: what was read and is not due.</summary>
    public DelayedRecords? Delayed { get; set; }
    public SourceNode Source { get; } = source;
    public TopicPartitionId Id { get; } = new(source.Topic, partition);
    public OffsetTracker Tracker { get; set; } = new(0);
    /// <summary>The transport has shown its end and no record since.</summary>
    public bool AtEnd { get; set; }
    public bool Paused { get; set; }
    /// <summary>It reached a bound of its own and is not at half of it yet.</summary>
    public bool AtBound { get; set; }
    /// <summary>The user wants it paused.</summary>
    public bool UserPaused { get; set; }
    /// <summary>When reading was last resumed, monotonic ms: what came meanwhile is not fetched at once.</summary>
    public long ResumedAtMs { get; set; } = long.MinValue / 2;
    /// <summary>When an offset last finished, or there was nothing to do; monotonic ms.</summary>
    public long LastProgressMs { get; set; }
    /// <summary>Of a table whose changes are followed: the rows restored know every change below this offset.</summary>
    public long RowsEnd { get; set; }
    public long CommittedBase { get; set; } = -1;
    public bool Dirty { get; set; }
    /// <summary>Chunks of the progress bitmap that are in the progress topic.</summary>
    public HashSet<long> WrittenChunks { get; } = [];
}
