using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>A gateway on a port of its own, over topics in memory.</summary>
public sealed class GatewayHarness : IAsyncDisposable
{
    private readonly WebApplication app;

    private GatewayHarness(WebApplication app, MemoryLog log)
    {
        this.app = app;
        Log = log;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public MemoryLog Log { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => app.Services;

    /// <summary>Questions of the tests: spoken, typed, spoken.</summary>
    public static Question[] Questions { get; } =
    [
        new() { Id = "spoken-1", Kind = AnswerKind.Spoken, Text = "Read aloud.", Passage = "Once upon a time.", KeyPoints = { "secret" } },
        new() { Id = "typed-1", Kind = AnswerKind.Typed, Text = "Explain idempotence.", KeyPoints = { "secret" } },
        new() { Id = "spoken-2", Kind = AnswerKind.Spoken, Text = "Tell." },
    ];

    /// <summary>A key that a restarted gateway shares.</summary>
    public static byte[] Key { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static async Task<GatewayHarness> StartAsync(
        MemoryLog? log = null, Action<GatewayOptions>? configure = null, TimeProvider? time = null, IResultsReader? results = null,
        Action<IServiceCollection>? services = null, IReviewQueue? reviews = null, StreamPlatform.Topology.Ladder.LadderOptions? ladder = null, ITranscriptReader? transcripts = null)
    {
        log ??= new();
        var options = new GatewayOptions { TokenKey = Key };
        configure?.Invoke(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IEventWriter>(log);
        builder.Services.AddSingleton<IEventTail>(log);
        builder.Services.AddSingleton<IEventCodec, NoCodec>();
        builder.Services.AddSingleton<IQuestionSource, TestQuestions>();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(results ?? new NoResults());
        services?.Invoke(builder.Services);
        builder.Services.AddSingleton(reviews ?? new StreamPlatform.Gateway.Reviews.NoReviews());
        builder.Services.AddSingleton(ladder ?? new());
        builder.Services.AddSingleton(transcripts ?? new NoTranscripts());
        builder.Services.AddGateway(options);
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        var harness = new GatewayHarness(app, log);
        await harness.Services.GetRequiredService<StreamPlatform.Gateway.Sessions.SessionDirectory>().Loaded;
        return harness;
    }

    /// <summary>A gateway on a real broker, with schema ids from a registry in memory.</summary>
    public static async Task<GatewayHarness> StartOnKafkaAsync(string bootstrapServers, StreamPlatform.Schemas.ISchemaRegistryClient registry)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(registry);
        builder.Services.AddSingleton<IQuestionSource, TestQuestions>();
        builder.Services.AddGateway(new() { TokenKey = Key, BootstrapServers = bootstrapServers });
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        var harness = new GatewayHarness(app, new());
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await harness.Http.GetAsync("/readyz", timeout.Token)).StatusCode != System.Net.HttpStatusCode.OK)
        {
            await Task.Delay(20, timeout.Token);
        }

        return harness;
    }

    /// <summary>Creates a session; consents given, jurisdiction US unless told.</summary>
    public async Task<(string SessionId, string Token)> CreateSessionAsync(
        string jurisdiction = "US", bool videoEmotion = true, params string[] questionIds)
    {
        using var response = await Http.PostAsJsonAsync("/api/sessions", new
        {
            candidateName = "Test Candidate",
            jurisdiction,
            consents = new { videoEmotion, facePresence = true, blink = true, audioTranscription = true },
            questionIds = questionIds.Length > 0 ? questionIds : null,
        });
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("sessionId").GetString()!, body.GetProperty("token").GetString()!);
    }

    /// <summary>A session with its hello said and its interview started.</summary>
    public async Task<CaptureClient> StartInterviewAsync(params string[] questionIds)
    {
        var (_, token) = await CreateSessionAsync(questionIds: questionIds);
        var client = await ConnectAsync(token);
        await client.HelloAsync();
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        return client;
    }

    public Task<CaptureClient> ConnectAsync(string token) => CaptureClient.OpenAsync(Http.BaseAddress!, $"/ws/capture?token={token}", token);

    public Task<CaptureClient> FollowAsync(string sessionId) => CaptureClient.OpenAsync(Http.BaseAddress!, $"/ws/live/{sessionId}", "");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private sealed class TestQuestions : IQuestionSource
    {
        public Question? Get(string id) => Questions.FirstOrDefault(q => q.Id == id)?.Clone();

        public IReadOnlyList<Question> ForPosition(string position, int count) => [.. Questions.Take(count).Select(q => q.Clone())];
    }
}
