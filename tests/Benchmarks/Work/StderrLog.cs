using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>The runtime's log on stderr with seconds since the start, for looking into a run: set STREAMPLATFORM_BENCH_LOG.</summary>
internal sealed class StderrLog : ILoggerFactory, ILogger
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static ILoggerFactory? Wanted => Environment.GetEnvironmentVariable("STREAMPLATFORM_BENCH_LOG") is { Length: > 0 } ? new StderrLog() : null;

    public ILogger CreateLogger(string categoryName) => this;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(Start).TotalSeconds:f3} {formatter(state, exception)}");
}
