using Microsoft.Extensions.Hosting;

namespace StreamPlatform.Registry;

/// <summary>A web host inside a larger process: it ends when it is disposed, not at a signal to the process that it is part of.</summary>
public sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
