using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>The real client against the test server, on one clock.</summary>
internal sealed class ProviderBench : IAsyncDisposable, ICallObserver
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<CallRecord> calls = new();

    private ProviderBench(ProviderServer server, TimeProvider time, ProviderOptions options, IKeyLedger? ledger)
    {
        Server = server;
        Time = time;
        Set = ProviderSet.Create(options, time, NullLoggerFactory.Instance, Ledger, [this], ledger);
    }

    public ProviderServer Server { get; }

    public TimeProvider Time { get; }

    public ProviderSet Set { get; }

    public InMemorySpendLedger Ledger { get; } = new();

    public IReadOnlyList<CallRecord> Calls => [.. calls];

    /// <summary>Waits of at most 31 s end at once, time-outs of attempts do not.</summary>
    public static Task<ProviderBench> StartAsync(Action<ProviderOptions>? change = null, IChatResponder? chat = null) =>
        StartAsync(new JumpingTime(TimeSpan.FromSeconds(31)), change, chat);

    public static async Task<ProviderBench> StartAsync(TimeProvider time, Action<ProviderOptions>? change = null, IChatResponder? chat = null, IKeyLedger? ledger = null)
    {
        var server = await ProviderServer.StartAsync(new ProviderServerOptions { Time = time, Chat = chat ?? new SensibleModel() }, TestContext.Current.CancellationToken);
        var options = new ProviderOptions
        {
            BaseUrl = server.BaseUrl,
            Keys = new KeyPoolOptions { Keys = ["key-one"] },
            ChatTimeout = TimeSpan.FromMinutes(5),
            AudioTimeout = TimeSpan.FromMinutes(5),
            SpeechTimeout = TimeSpan.FromMinutes(5),
            LiveDeadline = TimeSpan.FromMinutes(1),
        };
        change?.Invoke(options);
        return new ProviderBench(server, time, options, ledger);
    }

    public static CallContext Context(RetryClass retries = RetryClass.Standard, CallPriority priority = CallPriority.Medium, string session = "s1", string tenant = "acme") =>
        new(tenant, session, "score", priority, retries);

    public Task<ChatAnswer> AskAsync(CallContext? context = null, string user = "Transcript: I would measure first.", string cacheKey = "", string schema = "", int maxTokens = 256) =>
        Set.Chat.CompleteAsync(
            new ChatRequest(ModelTier.Cheap, "You score answers.", user, schema.Length > 0 ? "evaluation" : "", schema, maxTokens, cacheKey), context ?? Context(), TestContext.Current.CancellationToken);

    /// <summary>What became of a call: null = answered.</summary>
    public async Task<ProviderException?> TryAskAsync(CallContext? context = null, string schema = "")
    {
        try
        {
            await AskAsync(context, schema: schema);
            return null;
        }
        catch (ProviderException e)
        {
            return e;
        }
    }

    public void Completed(CallRecord call) => calls.Enqueue(call);

    public async ValueTask DisposeAsync()
    {
        await Set.DisposeAsync();
        await Server.DisposeAsync();
    }
}
