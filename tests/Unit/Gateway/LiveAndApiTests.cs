using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class LiveAndApiTests
{
    [Fact]
    public async Task A_follower_gets_a_snapshot_then_what_the_processors_write()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (id, _) = await gateway.CreateSessionAsync();
        await using var live = await gateway.FollowAsync(id);
        var snapshot = await live.ExpectAsync("snapshot");
        Assert.Equal(id, snapshot.GetProperty("session").GetProperty("sessionId").GetString());
        await Write(gateway.Log, Topics.Emotions, id, new EmotionObserved
        {
            SessionId = id, Sequence = 7, FaceCount = 1, Dominant = "happy", Probabilities = new() { Happy = 0.9f, Neutral = 0.1f },
        });
        var emotion = await live.ExpectAsync("emotion");
        Assert.Equal(7, emotion.GetProperty("sequence").GetInt64());
        Assert.Equal(0.9, emotion.GetProperty("probabilities").GetProperty("happy").GetDouble(), 3);
        await Write(gateway.Log, Topics.EmotionWindows, id, new EmotionWindow { SessionId = id, StartMs = 10_000, EndMs = 20_000, FramesAnalysed = 20 });
        Assert.Equal(20, (await live.ExpectAsync("window")).GetProperty("window").GetProperty("framesAnalysed").GetInt32());
        await Write(gateway.Log, Topics.Transcripts, id, new Transcript { Segment = new() { SegmentId = "s", Text = "hello" } });
        Assert.Equal("hello", (await live.ExpectAsync("segment")).GetProperty("segment").GetProperty("text").GetString());
        await Write(gateway.Log, Topics.Transcripts, id, new Transcript { Completed = new() { Text = "hello there", Question = new() { Index = 2 } } });
        Assert.Equal(2, (await live.ExpectAsync("transcript")).GetProperty("transcript").GetProperty("questionIndex").GetInt32());
        await Write(gateway.Log, Topics.Scores, id, new AnswerScored { AnswerId = "a", Technical = 55, Evidence = { "quote" } });
        Assert.Equal(55, (await live.ExpectAsync("score")).GetProperty("score").GetProperty("technical").GetDouble());
        await Write(gateway.Log, Topics.Reports, id, new InterviewReport { SessionId = id, Overall = 61 });
        Assert.Equal(61, (await live.ExpectAsync("report")).GetProperty("report").GetProperty("overall").GetDouble());

        // who comes later sees the same
        await using var late = await gateway.FollowAsync(id);
        await late.ExpectAsync("snapshot");
        await late.ExpectAsync("emotion");
    }

    [Fact]
    public async Task A_follower_of_an_unknown_session_is_told_so()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var live = await gateway.FollowAsync("nobody");
        await live.ExpectErrorAsync(RefusalCodes.UnknownSession);
        Assert.Equal(4404, await live.ClosedAsync());
    }

    [Fact]
    public async Task Creating_a_session_stores_its_state_first_and_answers_without_key_points()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var response = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "us" });
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.DoesNotContain("secret", body);
        var state = Assert.Single(gateway.Log.Of<SessionState>(Topics.Sessions));
        Assert.Equal(("US", SessionStatus.Created, false, 3), (state.Jurisdiction, state.Status, state.Consents.VideoEmotion, state.Questions.Count));
        Assert.Equal([0, 1, 2], state.Questions.Select(q => q.Index));
        var created = JsonDocument.Parse(body).RootElement;
        Assert.Equal($"/live/{state.SessionId}", created.GetProperty("liveUrl").GetString());
        Assert.Equal($"/capture?session={state.SessionId}#{created.GetProperty("token").GetString()}", created.GetProperty("captureUrl").GetString());
    }

    [Theory]
    [InlineData("{}", "candidateName")]
    [InlineData("{\"candidateName\":", "$")]
    [InlineData("{\"candidateName\":\"A\",\"consents\":7}", "consents")]
    [InlineData("", "body")]
    [InlineData("null", "body")]
    [InlineData("{\"candidateName\":\"A\"}", "jurisdiction")]
    [InlineData("{\"candidateName\":\"A\",\"jurisdiction\":\"USA\"}", "jurisdiction")]
    [InlineData("{\"candidateName\":\"A\",\"jurisdiction\":\"US\",\"questionIds\":[\"no-such\"]}", "no-such")]
    [InlineData("{\"candidateName\":\"A\",\"jurisdiction\":\"US\",\"questionIds\":[]}", "questionIds")]
    public async Task A_bad_request_names_what_to_fix(string body, string named)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var response = await gateway.Http.PostAsync("/api/sessions", new StringContent(body, null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(RefusalCodes.InvalidRequest, problem.GetProperty("code").GetString());
        Assert.Contains(named, problem.GetProperty("detail").GetString());
        Assert.Empty(gateway.Log.Records);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_no_json_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var large = await gateway.Http.PostAsync("/api/sessions", new StringContent("{\"candidateName\":\"" + new string('a', 100_000), null, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var form = await gateway.Http.PostAsync("/api/sessions", new StringContent("candidateName=A"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
    }

    [Theory]
    [InlineData("https://elsewhere.example", false)]
    [InlineData("null", false)]
    [InlineData("https://hr.example", true)]
    public async Task A_page_of_another_origin_opens_a_socket_only_when_allowed(string origin, bool allowed)
    {
        await using var gateway = await GatewayHarness.StartAsync(configure: o => o.AllowedOrigins = ["https://hr.example"]);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        var connecting = socket.ConnectAsync(new Uri($"ws://{gateway.Http.BaseAddress!.Authority}/ws/live/x"), CancellationToken.None);
        if (allowed)
        {
            await connecting;
        }
        else
        {
            await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => connecting);
        }
    }

    [Fact]
    public async Task A_session_that_kafka_does_not_take_is_not_created()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Log.Refuse(Topics.Sessions);
        using var response = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("[]", await gateway.Http.GetStringAsync("/api/sessions"));
    }

    [Fact]
    public async Task A_session_for_which_there_is_no_room_is_refused_before_it_is_written()
    {
        await using var gateway = await GatewayHarness.StartAsync(configure: o => o.MaxSessions = 2);
        gateway.Log.Refuse(Topics.Sessions);
        using var failed = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        gateway.Log.Refuse(Topics.Sessions, false);
        gateway.Log.Hold(Topics.Sessions);
        var first = gateway.CreateSessionAsync();
        var second = gateway.CreateSessionAsync();
        await Eventually.TrueAsync(() => gateway.Log.HeldCount(Topics.Sessions) == 2, "both are being written");
        using var refused = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains(RefusalCodes.Overloaded, await refused.Content.ReadAsStringAsync());
        gateway.Log.Release(Topics.Sessions);
        await first;
        await second;
        Assert.Equal(2, gateway.Log.Of<SessionState>(Topics.Sessions).Count);
    }

    [Fact]
    public async Task Readiness_names_what_the_gateway_waits_for()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var ready = await gateway.Http.GetFromJsonAsync<JsonElement>("/readyz");
        Assert.Equal(["gateway"], ready.GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Results_of_an_unknown_session_are_a_404_and_of_a_known_one_its_state()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var missing = await gateway.Http.GetAsync("/api/sessions/nobody/results");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        var (id, _) = await gateway.CreateSessionAsync();
        var results = await gateway.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{id}/results");
        Assert.Equal("created", results.GetProperty("session").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, results.GetProperty("report").ValueKind);
        Assert.Equal(0, results.GetProperty("windows").GetArrayLength());
    }

    [Fact]
    public async Task A_store_that_is_down_leaves_what_is_in_memory()
    {
        await using var gateway = await GatewayHarness.StartAsync(results: new DownStore());
        var (id, _) = await gateway.CreateSessionAsync();
        Assert.Contains(id, await gateway.Http.GetStringAsync("/api/sessions"));
        using var results = await gateway.Http.GetAsync($"/api/sessions/{id}/results");
        Assert.Equal(HttpStatusCode.OK, results.StatusCode);
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/capture", "text/html")]
    [InlineData("/live/any", "text/html")]
    [InlineData("/client/capture-protocol.js", "text/javascript")]
    [InlineData("/healthz", "application/json")]
    [InlineData("/readyz", "application/json")]
    public async Task Pages_and_probes_are_served(string path, string type)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var response = await gateway.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_socket_address_without_a_handshake_says_so()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var response = await gateway.Http.GetAsync("/ws/capture");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(RefusalCodes.WebSocketRequired, await response.Content.ReadAsStringAsync());
    }

    private static Task Write(MemoryLog log, string topic, string id, Google.Protobuf.IMessage value) =>
        log.WriteAsync(new EventRecord(topic, id, "default", id + topic, 0, "", value));

    private sealed class DownStore : IResultsReader
    {
        public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => throw new TimeoutException();

        public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) => throw new TimeoutException();
    }
}
