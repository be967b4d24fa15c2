using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Registry.Api;

namespace StreamPlatform.Registry;

/// <summary>The registry on a port of its own: Confluent's clients want a base address for themselves.</summary>
public sealed class SchemaRegistryServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RegistryService service;

    private SchemaRegistryServer(WebApplication app)
    {
        this.app = app;
        service = app.Services.GetRequiredService<RegistryService>();
        Url = app.Urls.First();
    }

    /// <summary>Base address, e.g. http://127.0.0.1:8081.</summary>
    public string Url { get; }

    /// <summary>False once the state topic cannot be read any more.</summary>
    public bool IsHealthy => service.Failure is null;

    /// <summary>Why it is not healthy; empty when it is.</summary>
    public string Detail => service.Failure ?? "";

    /// <summary>Reads the state topic to its end, then listens.</summary>
    /// <param name="options">Kafka, topic, port, limits.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when null.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="TimeoutException">Kafka did not answer, or the topic was not read in time.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SchemaRegistryServer> StartAsync(
        RegistryOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.Port);
        });
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggerFactory ?? NullLoggerFactory.Instance);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSchemaRegistry(options);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapSchemaRegistry();
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new(app);
        }
        catch (IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"schema registry: cannot listen on {options.ListenAddress}:{options.Port} ({e.Message}): set RegistryOptions.Port to a free port", e);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync().ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }
}
