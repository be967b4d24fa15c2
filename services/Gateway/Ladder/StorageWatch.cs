using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway.Ladder;

/// <summary>The probe that asks the store now and then whether it is there.</summary>
/// <param name="Probe">Asked for /health anyway; the ladder hears the same answers.</param>
public sealed record StorageSignal(HealthProbe Probe);

/// <summary>
/// Tells the ladder what the store's probe finds: while the store is away no new interview begins, so nobody would try to store something and see that it is back.
/// What running interviews send waits on Kafka meanwhile.
/// </summary>
internal sealed class StorageWatch(SignalBoard board, ILogger<StorageWatch> logger, IEnumerable<StorageSignal> signals) : IHostedService
{
    /// <summary>As the ladder hears of it.</summary>
    private const string Source = "probe";

    private bool down; // of the probe's thread

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in signals)
        {
            signal.Probe.Asked += Hear;
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in signals)
        {
            signal.Probe.Asked -= Hear;
        }

        return Task.CompletedTask;
    }

    private void Hear(HealthReport report)
    {
        board.Report(LadderComponent.Storage, report.Healthy, Source);
        if (!report.Healthy && !down)
        {
            Log.StoreDoesNotAnswer(logger, report.Detail);
        }
        else if (report.Healthy && down)
        {
            Log.StoreAnswers(logger);
        }

        down = !report.Healthy;
    }
}
