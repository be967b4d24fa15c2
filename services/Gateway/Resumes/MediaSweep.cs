using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Deletes files that nothing deleted in time (a crash between storing and writing, a request that never ended), and audits it.</summary>
internal sealed class MediaSweep(IMediaStore media, IEventWriter writer, ResumeApiOptions options, TimeProvider time, ILogger<MediaSweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMinutes(options.SweepMinutes), time, stoppingToken);
                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var key in await media.DeleteExpiredAsync(cancellationToken))
            {
                var audit = ResumeSteps.FileDeleted("platform", "", key, "it was older than files may be", time);
                await writer.WriteAsync(new(Topics.Audit, key, audit.Tenant, audit.AuditId, audit.AtMs, TraceContext.New().Format(), audit));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EventWriteException)
        {
            Log.SweepFailed(logger, options.SweepMinutes, e);
        }
    }
}
