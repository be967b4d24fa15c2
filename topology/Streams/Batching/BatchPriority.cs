namespace StreamPlatform.Streams;

/// <summary>How urgent a request to a <see cref="DynamicBatcher{TRequest,TResult}"/> is; the longest waits are <see cref="BatcherOptions"/>'.</summary>
public enum BatchPriority
{
    /// <summary>Before everything else, and its batch leaves at once: 100 ms at most.</summary>
    Critical,
    /// <summary>Somebody is looking on: 500 ms at most.</summary>
    High,
    /// <summary>Somebody will ask soon: 5 s at most.</summary>
    Medium,
    /// <summary>Nobody waits: 30 s at most.</summary>
    Low,
}
