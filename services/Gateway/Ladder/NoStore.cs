namespace StreamPlatform.Gateway.Ladder;

/// <summary>A gateway without a store: nothing to ask.</summary>
internal sealed class NoStore : IStoreProbe
{
    public Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
