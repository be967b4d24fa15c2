using StreamPlatform.Hosting;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>What becomes of a call on ai.costs.v1.</summary>
public sealed class CostEventsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly MemoryOutlet outlet = new();

    [Fact]
    public void A_call_of_an_interview_is_keyed_by_its_session_and_says_what_it_cost()
    {
        var ended = Single(Record("s-1", "transcribe", CallKind.Audio, new("whisper-1", 12, 0, 0.0012m, false)), out var key);
        Assert.Equal(("s-1", "s-1", "acme", "transcribe", "audio", "whisper-1"), (key, ended.SessionId, ended.Tenant, ended.Task, ended.Kind, ended.Model));
        Assert.Equal((12, 0.0012, false, 1, "", 250), (ended.InputUnits, ended.CostUsd, ended.FromCache, ended.Attempts, ended.Failure, ended.DurationMs));
        Assert.Equal(Now.ToUnixTimeMilliseconds(), ended.EndedAtMs);
    }

    [Fact]
    public void A_call_of_no_interview_has_a_key_of_its_own()
    {
        var ended = Single(Record("", "resume", CallKind.Chat, new("gpt-4o", 1, 1, 0.1m, false)), out var key);
        Assert.Equal((ended.CallId, ""), (key, ended.SessionId));
    }

    [Fact]
    public void Failures_and_cached_answers_say_so_and_what_was_never_asked_is_no_event()
    {
        var events = new CostEvents(outlet);
        events.Completed(Record("s", "score", CallKind.Chat, new("gpt-4o", 0, 0, 0.01m, false)) with { Failure = ProviderFailure.Unavailable, Attempts = 3, PriceAssumed = true });
        events.Completed(Record("s", "score", CallKind.Chat, new("gpt-4o", 9, 9, 0, true)) with { Attempts = 0 });
        events.Completed(Record("s", "score", CallKind.Chat, new("gpt-4o", 0, 0, 0, false)) with { Attempts = 0, Failure = ProviderFailure.BreakerOpen });
        Assert.Equal(
            [("Unavailable", 3, true, false), ("", 0, false, true)],
            outlet.Sent.Select(s => (AiCallEnded)s.Value).Select(e => (e.Failure, e.Attempts, e.PriceAssumed, e.FromCache)));
    }

    private static CallRecord Record(string session, string task, CallKind kind, CallCost cost) =>
        new(Now, new("acme", session, task), kind, cost, "hash", 1, null, false, TimeSpan.FromMilliseconds(250));

    private AiCallEnded Single(CallRecord call, out string key)
    {
        new CostEvents(outlet).Completed(call);
        (var topic, key, var value) = Assert.Single(outlet.Sent);
        Assert.Equal(Topics.AiCosts, topic);
        return (AiCallEnded)value;
    }
}
