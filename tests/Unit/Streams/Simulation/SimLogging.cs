using Microsoft.Extensions.Logging;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>The runtime's log goes into the simulation's trace.</summary>
internal sealed class SimLogging(Instance instance) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is 2 or 3) return; // dead letters and retries are too many
        instance.Scheduler.Note($"{instance} {formatter(state, exception)} {exception?.Message}");
    }
}
