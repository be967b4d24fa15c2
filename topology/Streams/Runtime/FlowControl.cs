namespace StreamPlatform.Streams;

/// <summary>
/// Which inputs are read. At the bound of records in flight, or of bytes that wait for their commit, nothing is polled for a moment, which costs nothing; if it lasts, reading pauses (the client drops what it
/// prefetched) and resumes at half. An input pauses by itself at its own bounds, and while the user wants it. Polling goes on under a pause, so it causes no rebalance.
/// Tables that are only looked up are never paused, records may be waiting for them.
/// </summary>
internal sealed class FlowControl(StreamsOptions options, Kernel kernel, IGroupConsumer consumer, InputPauses user)
{
    private const int HoldBeforePauseMs = 300;
    private readonly List<TopicPartitionId> pausing = [];
    private readonly List<TopicPartitionId> resuming = [];
    private long? atBoundSinceMs;
    private bool allPaused;

    /// <summary>At the bound, and not yet long enough to pause: do not poll.</summary>
    public bool Holding => atBoundSinceMs is not null && !allPaused;

    /// <summary>Brings every input to what holds now; to be called whenever inputs were added, before the next poll.</summary>
    public void Apply(IReadOnlyDictionary<TopicPartitionId, (StreamTask Task, TaskInput Input)> inputs)
    {
        var now = kernel.MonotonicMs;
        var bytes = kernel.BufferedBytes;
        if (kernel.InFlight < options.MaxInFlightRecords && bytes < options.MaxBufferedBytes) atBoundSinceMs = null;
        else atBoundSinceMs ??= now;
        if (now - atBoundSinceMs >= HoldBeforePauseMs) allPaused = true;
        else if (kernel.InFlight <= options.MaxInFlightRecords / 2 && bytes <= options.MaxBufferedBytes / 2) allPaused = false;
        foreach (var (id, (_, input)) in inputs)
        {
            if (input.Source.IsPassive) continue;
            input.AtBound = input.AtBound ? !AtHalf(input) : AtBound(input);
            input.UserPaused = user.Covers(input.Source);
            var pause = allPaused || input.AtBound || input.UserPaused;
            if (input.Paused == pause) continue;
            input.Paused = pause;
            if (!pause) input.ResumedAtMs = now;
            (pause ? pausing : resuming).Add(id);
        }
        if (pausing.Count > 0) consumer.Pause(pausing);
        if (resuming.Count > 0) consumer.Resume(resuming);
        pausing.Clear();
        resuming.Clear();
    }

    private bool AtBound(TaskInput input) => input.Delayed is { Full: true } || (input.Tracker.Span >= options.MaxOffsetSpan && input.Tracker.Unfinished > 0);

    private bool AtHalf(TaskInput input) => input.Tracker.Span <= options.MaxOffsetSpan / 2 && input.Delayed is null or { HasRoom: true };
}
