using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Network;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Storage;

namespace StreamPlatform.Broker;

/// <summary>The embedded single-node broker. Dispose for a clean shutdown, after which the next start scans nothing.</summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private readonly LogManager _logs;
    private readonly Listener _listener;
    private readonly IReadOnlyList<IBrokerModule> _modules;
    private int _disposed;

    private KafkaBroker(LogManager logs, Listener listener, IReadOnlyList<IBrokerModule> modules, BrokerAddress address)
    {
        _logs = logs;
        _listener = listener;
        _modules = modules;
        Port = address.Port;
        BootstrapServers = string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");
    }

    /// <summary>"host:port" for clients.</summary>
    public string BootstrapServers { get; }
    public int Port { get; }
    public string ClusterId => _logs.ClusterId;
    /// <summary>The topics and their logs, for tests and tools in this process.</summary>
    public ILogManager Logs => _logs;

    /// <summary>
    /// Opens the data directory (recovering it after a crash), binds, loads the coordinators and serves. Throws <see cref="ArgumentException"/> on bad options,
    /// <see cref="IOException"/> naming the directory or the port that cannot be used.
    /// </summary>
    public static async Task<KafkaBroker> StartAsync(BrokerOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        options.Validate();
        var logger = loggers.CreateLogger("StreamPlatform.Broker");
        // The port first: a mistyped second instance should fail before it touches data. Connections wait in the backlog while logs are recovered.
        var listener = Listener.Bind(options);
        LogManager? logs = null;
        IReadOnlyList<IBrokerModule> modules = [];
        try
        {
            logs = await Task.Run(() => LogManager.Open(options, time, logger), cancel).ConfigureAwait(false);
            var services = new BrokerServices
            {
                Options = options,
                Time = time,
                Loggers = loggers,
                Logs = logs,
                Address = new BrokerAddress(options.NodeId, options.AdvertisedHost ?? options.Host, listener.Port),
            };
            modules = BrokerModules.Create(services);
            foreach (var module in modules)
            {
                await module.StartAsync(cancel).ConfigureAwait(false);
            }
            var handlers = RequestHandlers.Create(services, logs, logger).Concat(modules.SelectMany(module => module.Handlers)).ToDictionary(handler => handler.Key);
            ((ApiVersionsHandler)handlers[Wire.ApiKey.ApiVersions]).Advertise(handlers.Keys);
            listener.Start(new ConnectionContext(options, time, logger, new ByteBudget(options.MaxInFlightBytes), handlers));
            var broker = new KafkaBroker(logs, listener, modules, services.Address);
            Log.Listening(logger, broker.BootstrapServers, options.DataDirectory);
            return broker;
        }
        catch
        {
            await StopAsync(listener, modules, logs).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(_listener, _modules, _logs).ConfigureAwait(false);
        }
    }

    private static async Task StopAsync(Listener listener, IReadOnlyList<IBrokerModule> modules, LogManager? logs)
    {
        await listener.DisposeAsync().ConfigureAwait(false);
        foreach (var module in modules.Reverse())
        {
            await module.DisposeAsync().ConfigureAwait(false);
        }
        if (logs is not null)
        {
            await logs.DisposeAsync().ConfigureAwait(false);
        }
    }
}
