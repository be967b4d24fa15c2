using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>A second gateway on the same topics, as after kill -9.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_session_goes_on_after_a_restart_where_the_client_says()
    {
        var log = new MemoryLog();
        string token;
        await using (var before = await GatewayHarness.StartAsync(log))
        {
            await using var client = await before.StartInterviewAsync("typed-1", "spoken-1");
            token = client.Token;
            for (uint i = 1; i <= 3; i++)
            {
                await client.FrameAsync(i);
                await client.ExpectAckAsync("frame", i);
            }
        }

        await using var after = await GatewayHarness.StartAsync(log);
        await using var again = await after.ConnectAsync(token);
        var hello = await again.HelloAsync(nextFrame: 4, nextAudio: 1);
        Assert.Equal(3, hello.GetProperty("lastFrameSequence").GetInt64());
        Assert.Equal(0, hello.GetProperty("question").GetProperty("index").GetInt32());
        await again.FrameAsync(3);
        await again.ExpectAckAsync("frame", 3);
        await again.FrameAsync(4);
        await again.ExpectAckAsync("frame", 4);
        await again.SendAsync(new { type = "answer", questionIndex = 0, text = "still here" });
        await again.ExpectAckAsync("answer", 0);
        await again.ExpectAsync("question");
        await again.AudioAsync(1, end: true);
        await again.ExpectAckAsync("audio", 1);
        await again.ExpectAckAsync("answer", 1);
        await again.ExpectAsync("completed");
        var completed = log.Of<SessionEvent>(Topics.Events)[^1].Completed;
        Assert.Equal((4, 1, 2), (completed.FramesAcked, completed.AudioChunksAcked, completed.AnswersSubmitted));
    }

    [Theory]
    [InlineData(94, 1, null)] // one stored, 32 pending and a burst of 60 may have followed
    [InlineData(95, 1, "frame")]
    [InlineData(4_000_000_000, 1, "frame")]
    [InlineData(1, 629, null)] // none stored, 128 pending and a burst of 500
    [InlineData(1, 630, "audio")]
    public async Task After_a_restart_a_client_is_believed_no_more_than_it_can_have_sent(long nextFrame, long nextAudio, string? refused)
    {
        var log = new MemoryLog();
        var start = DateTimeOffset.UtcNow;
        string token;
        await using (var before = await GatewayHarness.StartAsync(log, time: new ManualTime(start)))
        {
            await using var client = await before.StartInterviewAsync("typed-1");
            token = client.Token;
            await client.FrameAsync(1);
            await client.ExpectAckAsync("frame", 1);
        }

        await using var after = await GatewayHarness.StartAsync(log, time: new ManualTime(start.AddHours(1)));
        await using var again = await after.ConnectAsync(token);
        var hello = new { type = "hello", clientTimeMs = start.ToUnixTimeMilliseconds(), nextFrameSequence = nextFrame, nextAudioSequence = nextAudio };
        await again.SendAsync(hello);
        if (refused is not null)
        {
            var error = await again.ExpectErrorAsync(RefusalCodes.ImplausibleSequence);
            Assert.Equal(refused, error.GetProperty("stream").GetString());
            await again.SendAsync(hello with { nextFrameSequence = 2, nextAudioSequence = 1 });
        }

        var welcome = await again.ExpectAsync("hello");
        Assert.Equal(refused is null ? Math.Max(1, nextFrame - 1) : 1, welcome.GetProperty("lastFrameSequence").GetInt64());
    }

    [Fact]
    public async Task A_killed_gateway_s_client_may_be_as_far_as_its_pace_allowed_since_the_state_was_written()
    {
        var log = new MemoryLog();
        var start = DateTimeOffset.UtcNow;
        await using var before = await GatewayHarness.StartAsync(log, time: new ManualTime(start));
        await using var client = await before.StartInterviewAsync("typed-1");
        // the first gateway writes no more: the state on the topic says active
        await using var after = await GatewayHarness.StartAsync(log, time: new ManualTime(start.AddSeconds(100)));
        await using var again = await after.ConnectAsync(client.Token);
        await again.SendAsync(new { type = "hello", clientTimeMs = 0, nextFrameSequence = 1095 });
        await again.ExpectErrorAsync(RefusalCodes.ImplausibleSequence);
        var hello = await again.HelloAsync(nextFrame: 1093);
        Assert.Equal(1092, hello.GetProperty("lastFrameSequence").GetInt64());
    }

    [Fact]
    public async Task The_last_chunk_of_a_stored_answer_sent_again_does_not_end_the_next_one()
    {
        var log = new MemoryLog();
        string token;
        await using (var before = await GatewayHarness.StartAsync(log))
        {
            await using var client = await before.StartInterviewAsync("spoken-1", "spoken-2");
            token = client.Token;
            await client.AudioAsync(1);
            await client.AudioAsync(2, end: true);
            await client.ExpectAckAsync("audio", 1);
            await client.ExpectAckAsync("audio", 2);
        }

        // the client never saw the second ack
        await using var after = await GatewayHarness.StartAsync(log);
        await using var again = await after.ConnectAsync(token);
        var hello = await again.HelloAsync(nextFrame: 1, nextAudio: 2);
        Assert.Equal(2, hello.GetProperty("lastAudioSequence").GetInt64());
        await again.AudioAsync(2, end: true);
        await again.ExpectAckAsync("audio", 2);
        await again.ExpectNothingAsync();
        Assert.Single(log.Of<AnswerSubmitted>(Topics.Answers));
        await again.AudioAsync(3, end: true);
        await again.ExpectAckAsync("audio", 3);
        await again.ExpectAckAsync("answer", 1);
        Assert.Equal([2L, 1L], log.Of<AnswerSubmitted>(Topics.Answers).Select(a => a.AudioChunks));
    }

    [Fact]
    public async Task A_session_whose_end_was_not_written_is_ended_on_the_next_hello()
    {
        var log = new MemoryLog();
        await using var gateway = await GatewayHarness.StartAsync(log);
        await using var client = await gateway.StartInterviewAsync("typed-1");
        log.Refuse(Topics.Events);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "last" });
        await client.ExpectAckAsync("answer", 0);
        Assert.Equal(1013, await client.ClosedAsync());
        log.Refuse(Topics.Events, false);
        await using var again = await gateway.ConnectAsync(client.Token);
        await again.HelloAsync();
        await again.ExpectAsync("completed");
        Assert.NotNull(log.Of<SessionEvent>(Topics.Events)[^1].Completed);
    }

    [Fact]
    public async Task A_running_session_gets_its_full_time_to_come_back_after_a_restart()
    {
        var log = new MemoryLog();
        var start = DateTimeOffset.UtcNow;
        await using (var before = await GatewayHarness.StartAsync(log, time: new ManualTime(start)))
        {
            await using var client = await before.StartInterviewAsync();
        }

        var time = new ManualTime(start.AddHours(1));
        await using var after = await GatewayHarness.StartAsync(log, time: time);
        for (var i = 0; i < 14; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.DoesNotContain(log.Of<SessionEvent>(Topics.Events), e => e.Completed is not null);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return log.Of<SessionEvent>(Topics.Events)[^1].Completed?.TimedOut == true;
            },
            "timed out");
    }

    [Fact]
    public async Task Earlier_sessions_are_listed_after_a_restart()
    {
        var log = new MemoryLog();
        string id;
        await using (var before = await GatewayHarness.StartAsync(log))
        {
            (id, _) = await before.CreateSessionAsync();
        }

        await using var after = await GatewayHarness.StartAsync(log);
        Assert.Contains(id, await after.Http.GetStringAsync("/api/sessions"));
    }
}
