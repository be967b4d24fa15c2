using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech.Synthesis;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>Each part that can fail moves the ladder through the gateway, and moves it back when it works again.</summary>
public sealed class LadderComponentsTests
{
    private static readonly LadderOptions Fast = new() { DownAfterMs = 0, UpAfterMs = 1_000, TickMs = 50 };

    [Fact]
    public async Task Without_its_store_the_gateway_puts_new_interviews_off_and_running_ones_go_on()
    {
        var store = new FakeStore();
        await using var probe = new HealthProbe("postgres", store.AskAsync, new() { Interval = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        await using var gateway = await GatewayHarness.StartAsync(ladder: Fast, services: s => s.AddSingleton(new StorageSignal(probe)).AddSingleton<IHealthSource>(probe));
        await using var client = await gateway.StartInterviewAsync("typed-1", "typed-1");
        store.Down = true;
        var down = await client.ExpectAsync("level");
        Assert.Equal((4, "what is sent cannot be stored"), (down.GetProperty("level").GetInt32(), down.GetProperty("reason").GetString()));

        using (var refused = await PostAsync(gateway))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(RefusalCodes.Postponed, problem.GetProperty("code").GetString());
            Assert.Contains("what is sent cannot be stored", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Contains("Try again in 1 s", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        using var ready = await gateway.Http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode); // it stays in rotation: what running interviews send waits on Kafka
        using var health = await gateway.Http.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("down for", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "It goes on." });
        await client.ExpectAsync("ack");
        await client.ExpectAsync("question");

        store.Down = false;
        Assert.Equal(0, (await client.ExpectAsync("level")).GetProperty("level").GetInt32());
        using var accepted = await PostAsync(gateway);
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        Assert.Equal([(0, 4), (4, 0)], gateway.Log.Of<SessionEvent>(Topics.Events).Where(e => e.LevelChanged is not null).Select(e => (e.LevelChanged.FromLevel, e.LevelChanged.ToLevel)));
        Assert.Equal(["level.0-4", "level.4-0"], gateway.Log.Of<AuditEvent>(Topics.Audit).Select(a => a.Action));
    }

    [Theory]
    [InlineData("recogniser", 3, "speech is not recognised")]
    [InlineData("storage", 4, "what is sent cannot be stored")]
    [InlineData("question-model", 2, "the model that asks questions does not answer in time")]
    public async Task What_another_process_says_of_its_engines_moves_the_ladder_down_and_up(string component, int level, string reason)
    {
        await using var gateway = await GatewayHarness.StartAsync(ladder: Fast);
        await using var client = await gateway.StartInterviewAsync("typed-1");
        await SayAsync(gateway, component, down: true);
        var down = await client.ExpectAsync("level");
        Assert.Equal((level, reason), (down.GetProperty("level").GetInt32(), down.GetProperty("reason").GetString()));
        await SayAsync(gateway, component, down: false);
        Assert.Equal(0, (await client.ExpectAsync("level")).GetProperty("level").GetInt32());
        Assert.Equal([(0, level), (level, 0)], gateway.Log.Of<SessionEvent>(Topics.Events).Where(e => e.LevelChanged is not null).Select(e => (e.LevelChanged.FromLevel, e.LevelChanged.ToLevel)));
    }

    [Fact]
    public async Task Questions_that_no_engine_reads_aloud_lead_to_text_and_one_that_is_read_leads_back()
    {
        var engine = new FakeSpeech { Broken = true };
        await using var gateway = await GatewayHarness.StartAsync(ladder: Fast, services: services => services.AddSingleton<ISpeechSynthesizer>(
            s => QuestionEngines.Watched(new LadderSynthesizer([engine], new(), TimeProvider.System), s.GetRequiredService<SignalBoard>())));
        await using var client = await gateway.StartInterviewAsync("typed-1");
        var session = gateway.Log.Of<SessionState>(Topics.Sessions)[0].SessionId;
        Assert.Equal(HttpStatusCode.NoContent, await HearAsync());
        Assert.Equal(HttpStatusCode.NoContent, await HearAsync());
        var down = await client.ExpectAsync("level");
        Assert.Equal((3, "questions cannot be read aloud"), (down.GetProperty("level").GetInt32(), down.GetProperty("reason").GetString()));
        engine.Broken = false;
        Assert.Equal(HttpStatusCode.OK, await HearAsync());
        Assert.Equal(0, (await client.ExpectAsync("level")).GetProperty("level").GetInt32());

        async Task<HttpStatusCode> HearAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{session}/questions/0/speech");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", client.Token);
            using var response = await gateway.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayHarness gateway) =>
        gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "New Candidate", jurisdiction = "US" });

    private static Task SayAsync(GatewayHarness gateway, string component, bool down) =>
        gateway.Log.WriteAsync(new(Topics.Signals, "other", "", "1", 0, "", new EngineSignal { Instance = "other", Component = component, Down = down }));

    private sealed class FakeStore
    {
        public volatile bool Down;

        public Task AskAsync(CancellationToken cancellationToken) => Down ? Task.FromException(new TransientException("connection refused")) : Task.CompletedTask;
    }

    private sealed class FakeSpeech : ISpeechEngine
    {
        public volatile bool Broken;

        public string Name => "fake";

        public Task<ReadOnlyMemory<byte>?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(Broken ? default(ReadOnlyMemory<byte>?) : new byte[] { 1, 2, 3 });
    }
}
