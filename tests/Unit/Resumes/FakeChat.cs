using System.Collections.Concurrent;
using System.Text.Json;
using StreamPlatform.Providers;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>A provider that answers as it is told and keeps what it was asked, and when.</summary>
internal sealed class FakeChat(Func<ChatRequest, string> answer, TimeProvider? time = null) : IChatProvider
{
    private readonly ConcurrentQueue<(ChatRequest Request, CallContext Context, DateTimeOffset At)> calls = new();

    public IReadOnlyList<(ChatRequest Request, CallContext Context, DateTimeOffset At)> Calls => [.. calls];

    public int Count => calls.Count;

    public async Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
    {
        calls.Enqueue((request, context, (time ?? TimeProvider.System).GetUtcNow()));
        await Task.Yield();
        return new(answer(request), new CallCost("fake-model", 100, 50, 0.002m, false));
    }

    /// <summary>An answer of the schema.</summary>
    public static string Answer(double score, string evidence, string summary = "Fits.", string optimized = "", params string[] missing) =>
        JsonSerializer.Serialize(new { score, summary, optimized_resume = optimized, evidence = evidence.Length > 0 ? new[] { evidence } : [], missing });
}
