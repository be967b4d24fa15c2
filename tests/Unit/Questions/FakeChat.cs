using System.Collections.Concurrent;
using System.Text.Json;
using StreamPlatform.Providers;

namespace StreamPlatform.Tests.Unit.Questions;

/// <summary>A provider whose answers the test writes.</summary>
internal sealed class FakeChat(Func<ChatRequest, int, Task<string>> answer) : IChatProvider
{
    private int calls;

    public FakeChat(Func<ChatRequest, int, string> answer)
        : this((request, number) => Task.FromResult(answer(request, number)))
    {
    }

    public int Calls => Volatile.Read(ref calls);

    public ConcurrentQueue<(ChatRequest Request, CallContext Context)> Requests { get; } = [];

    public async Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
    {
        Requests.Enqueue((request, context));
        var text = await answer(request, Interlocked.Increment(ref calls)).WaitAsync(cancellationToken);
        return new(text, new("small-model", 100, 50, 0.0001m, false));
    }

    /// <summary>A question as the schema asks for it.</summary>
    public static string Question(
        string text = "How would you find out why a service has become slow since its last release?", string competency = "operations", params string[] points) =>
        JsonSerializer.Serialize(new
        {
            question = text, competency,
            key_points = points.Length > 0 ? points : ["compare metrics before and after the release", "profile the slow requests", "roll back while the cause is unknown"],
        });

    public static string FollowUp(string text, params string[] points) => JsonSerializer.Serialize(new
    {
        ask = true, question = text,
        key_points = points.Length > 0 ? points : ["deterministic identifiers", "a table of processed requests", "expiry of old identifiers"],
    });
}
