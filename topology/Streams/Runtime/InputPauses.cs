using System.Collections.Frozen;

namespace StreamPlatform.Streams;

/// <summary>Which inputs the user wants paused. Belongs to the application, not to a session, so it outlives rebalances and rebuilds. Thread-safe.</summary>
internal sealed class InputPauses
{
    private readonly FrozenSet<string> pausable;
    private readonly string applicationId;
    private readonly Lock gate = new();
    private volatile FrozenSet<string> paused = [];

    public InputPauses(Topology topology)
    {
        applicationId = topology.ApplicationId;
        // a table that is only looked up is never paused: records may wait for its rows; a retry topic goes with its origin
        pausable = topology.Subs.SelectMany(s => s.Sources).Where(s => !s.IsPassive && s is not RetrySourceNode).Select(s => s.Topic).ToFrozenSet();
    }

    public void PauseAll() => Change(_ => pausable);
    public void ResumeAll() => Change(_ => []);
    public void Pause(string topic) => Change(now => now.Append(Known(topic)).ToFrozenSet());
    public void Resume(string topic) => Change(now => now.Except([Known(topic)]).ToFrozenSet());

    public bool Covers(SourceNode source)
    {
        var now = paused;
        return now.Count > 0 && now.Contains(source is RetrySourceNode retry ? retry.Origin.Topic : source.Topic);
    }

    private void Change(Func<FrozenSet<string>, FrozenSet<string>> change)
    {
        lock (gate) paused = change(paused);
    }

    private string Known(string topic) => pausable.Contains(topic) ? topic
        : throw new ArgumentException($"application {applicationId} has no input {topic} that can be paused; it has {string.Join(", ", pausable.Order())}", nameof(topic));
}
