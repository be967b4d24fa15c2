using System.Diagnostics.Metrics;

namespace StreamPlatform.Providers;

/// <summary>The meter "StreamPlatform.Providers"; docs/providers.md says what each instrument means. Keys appear by hash, tenants and sessions not at all.</summary>
internal sealed class ProviderMetrics : IDisposable
{
    public const string MeterName = "StreamPlatform.Providers";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> calls;
    private readonly Counter<long> attempts;
    private readonly Counter<long> failedAttempts;
    private readonly Counter<long> units;
    private readonly Counter<double> cost;
    private readonly Counter<long> cacheHits;
    private readonly Counter<double> assumedCost;
    private readonly Counter<long> breakerChanges;
    private readonly Histogram<double> duration;

    public ProviderMetrics()
    {
        calls = meter.CreateCounter<long>("providers.calls", "{call}", "Calls ended, by kind, task, model and outcome (ok, cached or the failure).");
        attempts = meter.CreateCounter<long>("providers.attempts", "{attempt}", "Requests sent, by kind.");
        failedAttempts = meter.CreateCounter<long>("providers.attempts.failed", "{attempt}", "Requests without a usable answer, by kind and fault.");
        units = meter.CreateCounter<long>("providers.units", "{unit}", "Tokens, seconds of audio or characters, as the model is charged, by kind, model and direction.");
        cost = meter.CreateCounter<double>("providers.cost", "{USD}", "Spent by the price table, by kind, task and model.");
        cacheHits = meter.CreateCounter<long>("providers.cache.hits", "{call}", "Calls answered without a request, by task.");
        assumedCost = meter.CreateCounter<double>("providers.cost.assumed", "{USD}", "The part of the cost whose model the price table does not know.");
        breakerChanges = meter.CreateCounter<long>("providers.breaker.changes", "{change}", "Changes of a breaker's state, by kind and the state it went to.");
        duration = meter.CreateHistogram<double>("providers.call.duration", "ms", "From question to answer or failure, waits included, by kind and outcome.");
    }

    public void Observe(CallKind kind, CircuitBreaker breaker, PriorityGate gate, TimeProvider time)
    {
        var tag = new KeyValuePair<string, object?>("kind", Name(kind));
        meter.CreateObservableGauge("providers.breaker.state", () => new Measurement<int>((int)breaker.State, tag), null, "0 closed, 1 half open, 2 open, by kind.");
        meter.CreateObservableGauge(
            "providers.breaker.state.age", () => new Measurement<double>((time.GetUtcNow() - breaker.Status(kind).Since).TotalSeconds, tag), "s", "How long the breaker has been in its state, by kind.");
        meter.CreateObservableGauge("providers.waiting", () => new Measurement<int>(gate.Waiting, tag), "{call}", "Calls that wait for a slot, by kind.");
        meter.CreateObservableGauge("providers.running", () => new Measurement<int>(gate.Running, tag), "{call}", "Calls that hold a slot, by kind.");
    }

    public void Observe(KeyPool keys)
    {
        meter.CreateObservableCounter("providers.key.requests", () => keys.Usage.Select(k => new Measurement<long>(k.Used, Key(k.Hash))), "{attempt}", "Requests sent, by hash of the key.");
        meter.CreateObservableGauge("providers.key.in_flight", () => keys.Usage.Select(k => new Measurement<int>(k.InFlight, Key(k.Hash))), "{attempt}", "Requests under way, by hash of the key.");
        meter.CreateObservableGauge("providers.key.blocked", () => keys.Usage.Select(k => new Measurement<int>(k.Blocked ? 1 : 0, Key(k.Hash))), null, "1 while the key is set aside, by hash of the key.");
    }

    public void BreakerChanged(CallKind kind, BreakerState to) => breakerChanges.Add(1, new("kind", Name(kind)), new("to", to.ToString()));

    public void AttemptFailed(CallKind kind, CallFault fault) => failedAttempts.Add(1, new("kind", Name(kind)), new("fault", fault.ToString()));

    public void Called(CallRecord call)
    {
        var kind = Name(call.Kind);
        var outcome = call.Cost.FromCache ? "cached" : call.Cancelled ? "cancelled" : call.Failure?.ToString() ?? "ok";
        KeyValuePair<string, object?> byKind = new("kind", kind), byTask = new("task", call.Context.Task), byModel = new("model", call.Cost.Model);
        calls.Add(1, byKind, byTask, byModel, new("outcome", outcome));
        attempts.Add(call.Attempts, byKind);
        duration.Record(call.Duration.TotalMilliseconds, byKind, new("outcome", outcome));
        if (call.Cost.FromCache)
        {
            cacheHits.Add(1, byTask);
            return;
        }

        cost.Add((double)call.Cost.CostUsd, byKind, byTask, byModel);
        if (call.PriceAssumed)
        {
            assumedCost.Add((double)call.Cost.CostUsd);
        }

        units.Add(call.Cost.InputUnits, byKind, byModel, new("direction", "input"));
        units.Add(call.Cost.OutputUnits, byKind, byModel, new("direction", "output"));
    }

    public void Dispose() => meter.Dispose();

    private static string Name(CallKind kind) => kind.ToString().ToLowerInvariant();

    private static KeyValuePair<string, object?> Key(string hash) => new("key", hash);
}
