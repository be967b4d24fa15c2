using StreamPlatform.Gateway.Capture;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>
/// How far a client can be after a restart of the gateway. The stored state holds what was acknowledged when it was written; only the client
/// knows what was since, and the last acknowledged number becomes the count that the report waits for: no more is believed than could have been sent.
/// </summary>
internal static class RestartBounds
{
    /// <summary>Null when the hello's next sequences are possible, else the refusal that names the highest one that is.</summary>
    public static Refusal? Check(CaptureSession session, ClientMessage hello, GatewayOptions options, long nowMs)
    {
        var bySeconds = session.State.Status == SessionStatus.Active ? Math.Max(0, nowMs - session.State.UpdatedAtMs) / 1000.0 : 0;
        return Check(
                CaptureSession.FrameStream, "nextFrameSequence", hello.NextFrameSequence, session,
                session.Frames.LastDelivered, options.MaxPendingFrames, options.FrameBurst, options.FramesPerSecond * bySeconds)
            ?? Check(
                CaptureSession.AudioStream, "nextAudioSequence", hello.NextAudioSequence, session,
                session.Audio.LastDelivered, options.MaxPendingAudio, options.MessagesPerSecond * 5, options.MessagesPerSecond * bySeconds);
    }

    private static Refusal? Check(
        string stream, string field, long? next, CaptureSession session, long stored, int pending, int burst, double paced)
    {
        // before the start nothing was taken; after the end the stored number is the last one
        var since = session.IsRunning ? pending + burst + (long)Math.Ceiling(paced) : 0;
        var highest = stored + since + 1;
        return next <= highest || next is null
            ? null
            : new(
                RefusalCodes.ImplausibleSequence,
                $"{field} {next} is beyond what can have been acknowledged, at most {highest}: say hello with the lowest number that is not acknowledged.",
                stream, next, highest);
    }
}
