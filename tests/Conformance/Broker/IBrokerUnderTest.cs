namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>A running broker with a data directory of its own, deleted when the tests are done.</summary>
public interface IBrokerUnderTest
{
    /// <summary>host:port, the same before and after a restart.</summary>
    string BootstrapServers { get; }

    /// <summary>Why the tests cannot run here, or null.</summary>
    string? SkipReason { get; }

    /// <summary>An orderly stop and a start on the same data and port.</summary>
    Task RestartAsync();

    /// <summary>Ends the broker with no goodbye (as kill -9 would) and starts it on the same data and port.</summary>
    Task CrashAndRestartAsync();
}
