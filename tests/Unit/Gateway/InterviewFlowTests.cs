using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class InterviewFlowTests
{
    [Fact]
    public async Task An_interview_is_told_in_order_and_its_counts_are_what_was_acked()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        await client.AudioAsync(1);
        await client.ExpectAckAsync("audio", 1);
        await client.AudioAsync(2);
        await client.ExpectAckAsync("audio", 2);
        await client.AudioAsync(3, end: true, bytes: 0);
        await client.ExpectAckAsync("audio", 3);
        await client.ExpectAckAsync("answer", 0);
        var second = await client.ExpectAsync("question");
        Assert.Equal("typed", second.GetProperty("kind").GetString());
        Assert.False(second.TryGetProperty("keyPoints", out _));
        await client.FrameAsync(2);
        await client.ExpectAckAsync("frame", 2);
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = "The same request twice has the effect of one." });
        await client.ExpectAckAsync("answer", 1);
        await client.ExpectAsync("question");
        await client.AudioAsync(4, end: true);
        await client.ExpectAsync("ack");
        await client.ExpectAckAsync("answer", 2);
        await client.ExpectAsync("completed");

        Assert.Equal(
            [
                SessionEvent.EventOneofCase.Started, SessionEvent.EventOneofCase.QuestionAsked, SessionEvent.EventOneofCase.QuestionAsked,
                SessionEvent.EventOneofCase.QuestionAsked, SessionEvent.EventOneofCase.Completed,
            ],
            gateway.Log.Of<SessionEvent>(Topics.Events).Select(e => e.EventCase));
        var completed = gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Completed;
        Assert.Equal((2, 4, 3, false), (completed.FramesAcked, completed.AudioChunksAcked, completed.AnswersSubmitted, completed.TimedOut));
        Assert.True(gateway.Log.Of<SessionEvent>(Topics.Events)[0].Started.EmotionAllowed);

        var answers = gateway.Log.Of<AnswerSubmitted>(Topics.Answers);
        Assert.Equal([AnswerKind.Spoken, AnswerKind.Typed, AnswerKind.Spoken], answers.Select(a => a.Kind));
        Assert.Equal([3L, 0L, 1L], answers.Select(a => a.AudioChunks));
        Assert.Equal(["spoken-1", "typed-1", "spoken-2"], answers.Select(a => a.Question.Id));
        Assert.All(answers, a => Assert.Equal($"{a.SessionId}/{a.Question.Index}", a.AnswerId));
        Assert.All(answers, a => Assert.InRange(a.StartedAtMs, 1, a.SubmittedAtMs));

        var chunks = gateway.Log.Of<AudioChunk>(Topics.Audio);
        Assert.Equal([false, false, true, true], chunks.Select(c => c.EndOfAnswer));
        Assert.Equal([null, null, "spoken-1", "spoken-2"], chunks.Select(c => c.Question?.Id));
        Assert.Equal([0, 0, 0, 2], chunks.Select(c => c.QuestionIndex));
        Assert.Equal([0, 1], gateway.Log.Of<FrameCaptured>(Topics.Frames).Select(f => f.QuestionIndex));

        var states = gateway.Log.Of<SessionState>(Topics.Sessions);
        Assert.Equal(SessionStatus.Completed, states[^1].Status);
        Assert.Equal(states.Select(s => s.UpdatedAtMs).Order(), states.Select(s => s.UpdatedAtMs));
    }

    [Fact]
    public async Task The_state_is_confirmed_before_a_frame_can_be_taken()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (_, token) = await gateway.CreateSessionAsync();
        await using var client = await gateway.ConnectAsync(token);
        await client.HelloAsync();
        gateway.Log.Hold(Topics.Sessions);
        await client.SendAsync(new { type = "start" });
        await client.FrameAsync(1);
        await Eventually.TrueAsync(() => gateway.Log.HeldCount(Topics.Sessions) == 1, "the state is written");
        Assert.Empty(gateway.Log.Of<FrameCaptured>(Topics.Frames));
        gateway.Log.Release(Topics.Sessions);
        await client.ExpectAsync("question");
        await client.ExpectAckAsync("frame", 1);
    }

    [Fact]
    public async Task Completion_waits_until_everything_before_is_confirmed()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync("typed-1");
        gateway.Log.Hold(Topics.Frames);
        await client.FrameAsync(1);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "done" });
        await client.ExpectAckAsync("answer", 0);
        Assert.DoesNotContain(gateway.Log.Of<SessionEvent>(Topics.Events), e => e.Completed is not null);
        gateway.Log.Release(Topics.Frames);
        await client.ExpectAckAsync("frame", 1);
        await client.ExpectAsync("completed");
        Assert.Equal(1, gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Completed.FramesAcked);
        await client.FrameAsync(2);
        await client.ExpectErrorAsync(RefusalCodes.SessionCompleted);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "done" });
        await client.ExpectAckAsync("answer", 0);
        await client.ExpectAsync("completed");
    }

    [Fact]
    public async Task A_lost_socket_interrupts_and_the_same_token_resumes_at_its_question()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync("typed-1", "spoken-1");
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "one" });
        await client.ExpectAckAsync("answer", 0);
        await client.ExpectAsync("question");
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        client.Abort();
        await Eventually.TrueAsync(() => gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Status == SessionStatus.Interrupted, "interrupted");
        Assert.Equal(1, gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Interrupted.LastFrameSequence);

        await using var again = await gateway.ConnectAsync(client.Token);
        var hello = await again.HelloAsync(2);
        Assert.Equal(("active", 1, 1), (
            hello.GetProperty("status").GetString(), hello.GetProperty("lastFrameSequence").GetInt64(),
            hello.GetProperty("question").GetProperty("index").GetInt32()));
        Assert.NotNull(gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Resumed);
        Assert.Equal(SessionStatus.Active, gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Status);
    }

    [Fact]
    public async Task A_gateway_that_stops_says_so_and_writes_the_interruption()
    {
        var log = new MemoryLog();
        var gateway = await GatewayHarness.StartAsync(log);
        await using var client = await gateway.StartInterviewAsync();
        var stopping = gateway.DisposeAsync();
        await client.ExpectErrorAsync(RefusalCodes.Stopping);
        Assert.Equal(1001, await client.ClosedAsync());
        await client.DisposeAsync();
        await stopping;
        Assert.NotNull(log.Of<SessionEvent>(Topics.Events)[^1].Interrupted);
    }

    [Fact]
    public async Task A_client_that_sends_faster_than_kafka_confirms_is_read_no_further()
    {
        await using var gateway = await GatewayHarness.StartAsync(configure: o => o.MaxPendingFrames = 2);
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Hold(Topics.Frames);
        for (uint i = 1; i <= 6; i++)
        {
            await client.FrameAsync(i);
        }

        await Eventually.TrueAsync(() => gateway.Log.HeldCount(Topics.Frames) == 2, "two frames written");
        gateway.Log.Confirm(Topics.Frames, 0);
        await client.ExpectAckAsync("frame", 1);
        await Eventually.TrueAsync(() => gateway.Log.HeldCount(Topics.Frames) == 3, "a third frame written");
        gateway.Log.Release(Topics.Frames);
        for (uint i = 2; i <= 6; i++)
        {
            await client.ExpectAckAsync("frame", i);
        }
    }

    [Fact]
    public async Task A_session_never_started_expires_with_its_token()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayHarness.StartAsync(time: time);
        await gateway.CreateSessionAsync();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromHours(1));
                return gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Status == SessionStatus.Expired;
            },
            "expired");
        Assert.Empty(gateway.Log.Of<SessionEvent>(Topics.Events));
    }

    [Fact]
    public async Task A_newer_socket_replaces_the_older_one_without_an_interruption()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var older = await gateway.StartInterviewAsync();
        await using var newer = await gateway.ConnectAsync(older.Token);
        await newer.HelloAsync();
        await older.ExpectErrorAsync(RefusalCodes.Replaced);
        Assert.Equal(4001, await older.ClosedAsync());
        await newer.FrameAsync(1);
        await newer.ExpectAckAsync("frame", 1);
        Assert.DoesNotContain(gateway.Log.Of<SessionEvent>(Topics.Events), e => e.Interrupted is not null);
    }

    [Fact]
    public async Task What_was_pending_when_the_socket_was_lost_is_acked_on_the_next_one()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Hold(Topics.Frames);
        await client.FrameAsync(1);
        await client.ExpectNothingAsync();
        client.Abort();
        await using var again = await gateway.ConnectAsync(client.Token);
        await again.HelloAsync(1);
        await again.FrameAsync(1);
        await again.ExpectNothingAsync();
        gateway.Log.Release(Topics.Frames);
        await again.ExpectAckAsync("frame", 1);
        Assert.Single(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task A_silent_session_is_completed_as_timed_out()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayHarness.StartAsync(time: time);
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        client.Abort();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(4));
                return gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Status == SessionStatus.Completed;
            },
            "completed");
        var completed = gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Completed;
        Assert.Equal((1, 0, true), (completed.FramesAcked, completed.AnswersSubmitted, completed.TimedOut));
    }

    [Theory]
    [InlineData("US", true, true)]
    [InlineData("US", false, false)]
    [InlineData("EU", true, false)]
    [InlineData("DE", true, false)]
    public async Task Emotion_needs_consent_and_a_jurisdiction_that_permits_it(string jurisdiction, bool consent, bool allowed)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (_, token) = await gateway.CreateSessionAsync(jurisdiction, consent);
        await using var client = await gateway.ConnectAsync(token);
        var hello = await client.HelloAsync();
        Assert.Equal(allowed, hello.GetProperty("frameOutputs").EnumerateArray().Any(o => o.GetString() == "emotion"));
        Assert.Equal(jurisdiction.Length == 2, hello.GetProperty("sendFrames").GetBoolean()); // presence and blinks were agreed to
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        Assert.Equal(allowed, gateway.Log.Of<SessionEvent>(Topics.Events)[0].Started.EmotionAllowed);
        // frames that come nevertheless are taken: the processor denies and audits
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
    }

    [Fact]
    public async Task A_candidate_can_change_each_consent_during_the_interview()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (_, token) = await gateway.CreateSessionAsync("US", true);
        await using var client = await gateway.ConnectAsync(token);
        var hello = await client.HelloAsync();
        Assert.All(hello.GetProperty("consents").EnumerateObject(), consent => Assert.Equal(consent.Name != "recording", consent.Value.GetBoolean())); // off unless it is given
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        await client.SendAsync(new { type = "consent", consents = new { facePresence = true } });
        var answer = await client.ExpectAsync("consent");
        Assert.Equal(["face-presence"], answer.GetProperty("frameOutputs").EnumerateArray().Select(o => o.GetString()));
        Assert.Equal((true, false), (answer.GetProperty("sendFrames").GetBoolean(), answer.GetProperty("sendAudio").GetBoolean()));
        Assert.Equal(["facePresence"], answer.GetProperty("consents").EnumerateObject().Where(c => c.Value.GetBoolean()).Select(c => c.Name));
        var audit = Assert.Single(gateway.Log.Of<AuditEvent>(Topics.Audit));
        Assert.Equal(("consent.changed", "candidate", "emotion not given, face presence given, blinks not given, transcription not given, recording not given"), (audit.Action, audit.Actor, audit.Reason));
        var consents = gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Consents;
        Assert.Equal((false, true, false, false), (consents.VideoEmotion, consents.FacePresence, consents.Blink, consents.AudioTranscription));
        var changed = gateway.Log.Of<SessionEvent>(Topics.Events)[^1].ConsentChanged;
        Assert.Equal((false, true, false, false), (changed.VideoEmotion, changed.FacePresence, changed.Blink, changed.AudioTranscription));
    }

    [Fact]
    public async Task Each_piece_of_an_answer_says_whether_it_may_be_kept_as_the_candidate_had_it_then()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync("spoken-1");
        bool?[] given = [null, true, null, false];
        for (var i = 0; i < given.Length; i++)
        {
            if (given[i] is { } recording)
            {
                await client.SendAsync(new { type = "consent", consents = new { recording } });
                var answer = await client.ExpectAsync("consent");
                // what may be kept is sent, though nobody writes it down
                Assert.Equal((recording, recording), (answer.GetProperty("sendAudio").GetBoolean(), answer.GetProperty("consents").GetProperty("recording").GetBoolean()));
                Assert.Equal(recording, gateway.Log.Of<SessionEvent>(Topics.Events)[^1].ConsentChanged.Recording);
                Assert.Equal(recording, gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Consents is { Recording: true, GivenAtMs: > 0 });
            }

            await client.AudioAsync((uint)(i + 1));
            await client.ExpectAckAsync("audio", i + 1);
        }

        var candidate = gateway.Log.Of<SessionState>(Topics.Sessions)[^1].CandidateId;
        Assert.Equal([null, candidate, candidate, null], gateway.Log.Of<AudioChunk>(Topics.Audio).Select(c => c.Recording?.CandidateId));
    }
}
