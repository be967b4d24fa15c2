using System.Net.WebSockets;
using System.Text;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>A refused message has a code and a text that names the fix; it is neither written nor acked, and takes no number.</summary>
public sealed class CaptureRefusalTests
{
    [Fact]
    public async Task An_oversized_frame_is_refused_and_the_largest_allowed_one_taken()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1, CaptureClient.Jpeg((512 * 1024) + 1));
        var error = await client.ExpectErrorAsync(RefusalCodes.FrameTooLarge);
        Assert.Contains("524288", error.GetProperty("message").GetString());
        await client.ExpectNothingAsync();
        Assert.Empty(gateway.Log.Of<FrameCaptured>(Topics.Frames));
        await client.FrameAsync(1, CaptureClient.Jpeg(512 * 1024));
        await client.ExpectAckAsync("frame", 1);
    }

    [Fact]
    public async Task A_frame_that_is_no_jpeg_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1, [0x89, 0x50, 0x4E, 0x47, 0, 0]);
        await client.ExpectErrorAsync(RefusalCodes.NotAJpeg);
        await client.FrameAsync(1, []);
        await client.ExpectErrorAsync(RefusalCodes.NotAJpeg);
        await client.ExpectNothingAsync();
        Assert.Empty(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task A_frame_before_the_session_starts_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (_, token) = await gateway.CreateSessionAsync();
        await using var client = await gateway.ConnectAsync(token);
        await client.HelloAsync();
        await client.FrameAsync(1);
        await client.ExpectErrorAsync(RefusalCodes.SessionNotStarted);
        await client.AudioAsync(1);
        await client.ExpectErrorAsync(RefusalCodes.SessionNotStarted);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "early" });
        await client.ExpectErrorAsync(RefusalCodes.SessionNotStarted);
        Assert.DoesNotContain(gateway.Log.Records, r => r.Topic != Topics.Sessions);
    }

    [Fact]
    public async Task A_wrong_sequence_is_refused_with_the_expected_one()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(2);
        var error = await client.ExpectErrorAsync(RefusalCodes.WrongSequence);
        Assert.Equal((2, 1), (error.GetProperty("sequence").GetInt64(), error.GetProperty("expected").GetInt64()));
        await client.FrameAsync(0);
        await client.ExpectErrorAsync(RefusalCodes.WrongSequence);
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        Assert.Single(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task Audio_is_refused_when_too_large_odd_empty_or_not_asked_for()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.AudioAsync(1, bytes: (64 * 1024) + 2);
        await client.ExpectErrorAsync(RefusalCodes.AudioTooLarge);
        await client.AudioAsync(1, bytes: 321);
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.AudioAsync(1, bytes: 0);
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.AudioAsync(2);
        await client.ExpectErrorAsync(RefusalCodes.WrongSequence);
        Assert.Empty(gateway.Log.Of<AudioChunk>(Topics.Audio));

        await using var typing = await gateway.StartInterviewAsync("typed-1");
        await typing.AudioAsync(1);
        await typing.ExpectErrorAsync(RefusalCodes.WrongQuestion);
        Assert.Empty(gateway.Log.Of<AudioChunk>(Topics.Audio));
    }

    [Fact]
    public async Task An_answer_is_refused_when_too_large_incomplete_or_to_another_question()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync("typed-1", "spoken-1");
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = new string('ä', 16 * 1024) + "x" });
        await client.ExpectErrorAsync(RefusalCodes.AnswerTooLarge);
        await client.SendAsync(new { type = "answer", questionIndex = 0 });
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = "too soon" });
        await client.ExpectErrorAsync(RefusalCodes.WrongQuestion);
        Assert.Empty(gateway.Log.Of<AnswerSubmitted>(Topics.Answers));
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = new string('ä', 16 * 1024) });
        await client.ExpectAckAsync("answer", 0);
        await client.ExpectAsync("question");
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = "typed instead of spoken" });
        await client.ExpectErrorAsync(RefusalCodes.WrongQuestion);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"dance\"}")]
    [InlineData("{\"type\":\"answer\",\"questionIndex\":\"zero\",\"text\":\"x\"}")]
    [InlineData("{\"type\":7}")]
    public async Task A_malformed_text_message_is_refused(string text)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.SendRawAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_malformed_media_message_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.SendRawAsync([1, 0, 0, 0, 0, 1], WebSocketMessageType.Binary);
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.SendRawAsync(new byte[40], WebSocketMessageType.Binary);
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_message_of_more_than_a_mebibyte_closes_with_1009()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1, CaptureClient.Jpeg(3 * 1024 * 1024));
        await client.ExpectErrorAsync(RefusalCodes.MessageTooLarge);
        Assert.Equal(1009, await client.ClosedAsync());
        Assert.Empty(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task An_unknown_session_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var tokens = new SessionTokens(new() { TokenKey = GatewayHarness.Key }, TimeProvider.System);
        await using var client = await gateway.ConnectAsync(tokens.Issue("nobody"));
        var error = await client.ExpectErrorAsync(RefusalCodes.UnknownSession);
        Assert.Contains("nobody", error.GetProperty("message").GetString());
        Assert.Equal(4404, await client.ClosedAsync());
    }

    [Fact]
    public async Task A_tampered_or_missing_token_is_refused()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (id, token) = await gateway.CreateSessionAsync();
        var (other, _) = await gateway.CreateSessionAsync();
        foreach (var bad in new[] { "", "x", token + "A", token.Replace(id, other), token.Replace("v1", "v2"), "v1..1." })
        {
            await using var client = await gateway.ConnectAsync(Uri.EscapeDataString(bad));
            await client.ExpectErrorAsync(RefusalCodes.InvalidToken);
            Assert.Equal(4401, await client.ClosedAsync());
        }
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayHarness.StartAsync(time: time);
        var (_, token) = await gateway.CreateSessionAsync();
        time.Advance(TimeSpan.FromHours(11));
        await using (var early = await gateway.ConnectAsync(token))
        {
            await early.HelloAsync();
        }

        time.Advance(TimeSpan.FromHours(1));
        await using var late = await gateway.ConnectAsync(token);
        await late.ExpectErrorAsync(RefusalCodes.ExpiredToken);
        Assert.Equal(4401, await late.ClosedAsync());
    }

    [Fact]
    public async Task Hello_comes_first()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (_, token) = await gateway.CreateSessionAsync();
        await using var client = await gateway.ConnectAsync(token);
        await client.SendAsync(new { type = "start" });
        await client.ExpectErrorAsync(RefusalCodes.HelloExpected);
        await client.FrameAsync(1);
        await client.ExpectErrorAsync(RefusalCodes.HelloExpected);
        await client.SendAsync(new { type = "hello" });
        await client.ExpectErrorAsync(RefusalCodes.Malformed);
        await client.HelloAsync();
    }

    [Fact]
    public async Task A_socket_without_hello_and_a_silent_one_are_closed()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayHarness.StartAsync(time: time);
        var (_, token) = await gateway.CreateSessionAsync();
        await using var slow = await gateway.ConnectAsync(token);
        await slow.SendAsync(new { type = "start" });
        await slow.ExpectErrorAsync(RefusalCodes.HelloExpected);
        await using var silent = await gateway.ConnectAsync(token);
        await silent.HelloAsync();
        time.Advance(TimeSpan.FromSeconds(61));
        await slow.ExpectErrorAsync(RefusalCodes.HelloTimeout);
        Assert.Equal(4408, await slow.ClosedAsync());
        await silent.ExpectErrorAsync(RefusalCodes.Idle);
        Assert.Equal(4408, await silent.ClosedAsync());
    }
}
