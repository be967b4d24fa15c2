using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Hosting;

/// <summary>Every AI call as an event on ai.costs.v1, keyed by its session. Calls for which no request was sent and no cache answered are none.</summary>
public sealed class CostEvents(IEventOutlet outlet) : ICallObserver
{
    public void Completed(CallRecord call)
    {
        if (call is { Attempts: 0, Cost.FromCache: false })
        {
            return;
        }

        var id = Guid.CreateVersion7(call.At).ToString("N");
        var session = call.Context.SessionId;
        outlet.Send(Topics.AiCosts, session.Length > 0 ? session : id, call.Context.Tenant, id, call.At.ToUnixTimeMilliseconds(), new AiCallEnded
        {
            CallId = id,
            SessionId = session,
            Tenant = call.Context.Tenant,
            Task = call.Context.Task,
            Kind = call.Kind.ToString().ToLowerInvariant(),
            Model = call.Cost.Model,
            InputUnits = call.Cost.InputUnits,
            OutputUnits = call.Cost.OutputUnits,
            CostUsd = (double)call.Cost.CostUsd,
            FromCache = call.Cost.FromCache,
            Attempts = call.Attempts,
            Failure = call.Failure?.ToString() ?? (call.Cancelled ? "Cancelled" : ""),
            PriceAssumed = call.PriceAssumed,
            EndedAtMs = call.At.ToUnixTimeMilliseconds(),
            DurationMs = (long)call.Duration.TotalMilliseconds,
        });
    }
}
