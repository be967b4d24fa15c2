using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class CaptureAckTests
{
    [Fact]
    public async Task A_frame_is_acked_only_after_kafka_has_confirmed_it()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Hold(Topics.Frames);
        await client.FrameAsync(1);
        await client.ExpectNothingAsync();
        Assert.Equal(1, gateway.Log.HeldCount(Topics.Frames));
        gateway.Log.Release(Topics.Frames);
        await client.ExpectAckAsync("frame", 1);
    }

    [Fact]
    public async Task Acks_come_in_order_even_when_confirmations_do_not()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Hold(Topics.Frames);
        await client.FrameAsync(1);
        await client.FrameAsync(2);
        await client.FrameAsync(3);
        await Eventually.TrueAsync(() => gateway.Log.HeldCount(Topics.Frames) == 3, "three frames written");
        gateway.Log.Confirm(Topics.Frames, 2);
        gateway.Log.Confirm(Topics.Frames, 1);
        await client.ExpectNothingAsync();
        gateway.Log.Confirm(Topics.Frames, 0);
        await client.ExpectAckAsync("frame", 1);
        await client.ExpectAckAsync("frame", 2);
        await client.ExpectAckAsync("frame", 3);
    }

    [Fact]
    public async Task A_repeated_frame_is_acked_again_and_not_written_again()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        Assert.Single(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task A_repeated_frame_that_is_not_confirmed_yet_gets_its_one_ack_then()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Hold(Topics.Frames);
        await client.FrameAsync(1);
        await client.FrameAsync(1);
        await client.ExpectNothingAsync();
        gateway.Log.Release(Topics.Frames);
        await client.ExpectAckAsync("frame", 1);
        await client.ExpectNothingAsync();
        Assert.Single(gateway.Log.Of<FrameCaptured>(Topics.Frames));
    }

    [Fact]
    public async Task A_frame_that_kafka_refused_can_be_sent_again_under_its_number()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var client = await gateway.StartInterviewAsync();
        gateway.Log.Refuse(Topics.Frames);
        await client.FrameAsync(1);
        await client.ExpectErrorAsync(RefusalCodes.KafkaUnavailable);
        Assert.Equal(1013, await client.ClosedAsync());
        gateway.Log.Refuse(Topics.Frames, false);

        await using var again = await gateway.ConnectAsync(client.Token);
        var hello = await again.HelloAsync(1);
        Assert.Equal(0, hello.GetProperty("lastFrameSequence").GetInt64());
        await again.FrameAsync(1);
        await again.ExpectAckAsync("frame", 1);
    }

    [Fact]
    public async Task A_frame_carries_session_tenant_trace_and_bounded_event_time()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (id, token) = await gateway.CreateSessionAsync();
        await using var client = await gateway.ConnectAsync(token);
        await client.HelloAsync(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        await client.FrameAsync(1, capturedAtMs: 5);
        await client.ExpectAckAsync("frame", 1);
        await client.FrameAsync(2, capturedAtMs: DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds());
        await client.ExpectAckAsync("frame", 2);

        var records = gateway.Log.Records.Where(r => r.Topic == Topics.Frames).ToList();
        Assert.All(records, r => Assert.Equal((id, "default"), (r.SessionId, r.Tenant)));
        Assert.All(records, r => Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", r.Traceparent));
        Assert.Equal(2, records.Select(r => r.Traceparent).Distinct().Count());
        Assert.Equal([$"{id}/frame/1", $"{id}/frame/2"], records.Select(r => r.Id));
        var frames = records.Select(r => (FrameCaptured)r.Value).ToList();
        Assert.Equal(frames[0].ReceivedAtMs - 10_000, frames[0].CapturedAtMs);
        Assert.Equal(frames[1].ReceivedAtMs, frames[1].CapturedAtMs);
    }
}
