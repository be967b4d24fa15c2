using Microsoft.Extensions.Logging;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>Sends the runtime's log to the test's output.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    private readonly ITestOutputHelper? output = TestContext.Current.TestOutputHelper;
    public ILogger CreateLogger(string categoryName) => this;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try { output?.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}"); }
        catch (InvalidOperationException) { } // a client that logs after its test ended
    }
}
