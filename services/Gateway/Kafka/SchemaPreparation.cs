using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Schemas;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>Makes the schemas known at start, trying until the registry answers; readiness waits for it.</summary>
public sealed class SchemaPreparation(IEventCodec codec, TimeProvider time, ILogger<SchemaPreparation> logger) : BackgroundService
{
    private const int RetryMs = 1000;
    private readonly TaskCompletionSource prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Prepared => prepared.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await codec.PrepareAsync(stoppingToken);
                prepared.TrySetResult();
                return;
            }
            catch (Exception error) when (error is SchemaRegistryException or HttpRequestException or IOException or TimeoutException)
            {
                Log.SchemasUnavailable(logger, RetryMs, error);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(RetryMs), time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
