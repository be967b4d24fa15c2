using Microsoft.Extensions.Hosting;

namespace StreamPlatform.AllInOne;

/// <summary>The gateway's web host ends when the platform ends it: signals are the command line's, or the host would stop before the parts that need it.</summary>
internal sealed class PartOfThePlatform : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
