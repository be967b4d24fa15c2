using System.Diagnostics.Metrics;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>The client's instruments, on the meter <see cref="MeterName"/>; one set per cluster.</summary>
internal sealed class ClientMetrics : IDisposable
{
    public const string MeterName = "StreamPlatform.Cassandra";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> requests;
    private readonly Counter<long> errors;
    private readonly Counter<long> retries;
    private readonly Counter<long> speculative;
    private readonly Histogram<double> latency;
    private readonly TimeProvider time;

    public ClientMetrics(TimeProvider time, Func<long> inFlight, Func<long> connections, Func<long> hostsDown)
    {
        this.time = time;
        requests = meter.CreateCounter<long>("cassandra.requests", description: "requests that sessions have begun");
        errors = meter.CreateCounter<long>("cassandra.errors", description: "attempts that failed, by class");
        retries = meter.CreateCounter<long>("cassandra.retries", description: "attempts after a failed one, by the class of its error");
        speculative = meter.CreateCounter<long>("cassandra.speculative", description: "executions begun because an earlier one was slow");
        latency = meter.CreateHistogram<double>("cassandra.latency", "ms", "from request to answer, retries included");
        meter.CreateObservableGauge("cassandra.in_flight", inFlight, description: "requests without an answer yet");
        meter.CreateObservableGauge("cassandra.connections", connections, description: "open connections of sessions");
        meter.CreateObservableGauge("cassandra.hosts_down", hostsDown, description: "hosts without a connection");
    }

    public void Started() => requests.Add(1);

    public void Answered(long started)
    {
        if (latency.Enabled)
        {
            latency.Record(time.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    public void Error(Exception error) => errors.Add(1, new KeyValuePair<string, object?>("class", ClassOf(error)));

    public void Retried(Exception error) => retries.Add(1, new KeyValuePair<string, object?>("class", ClassOf(error)));

    public void Speculated() => speculative.Add(1);

    public void Dispose() => meter.Dispose();

    // a fixed set of names: labels are bounded
    private static string ClassOf(Exception error) => error switch
    {
        ReadTimeoutException => "read_timeout",
        WriteTimeoutException => "write_timeout",
        UnavailableException => "unavailable",
        OverloadedException => "overloaded",
        IsBootstrappingException => "bootstrapping",
        OperationTimedOutException => "no_answer",
        ConnectionClosedException => "connection",
        BusyPoolException => "busy",
        ReadFailureException or WriteFailureException or FunctionFailureException => "failure",
        QueryValidationException => "invalid",
        AuthenticationException => "authentication",
        _ => "server",
    };
}
