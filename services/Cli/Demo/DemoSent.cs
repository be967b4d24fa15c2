namespace StreamPlatform.Cli.Demo;

/// <summary>What a capture client sent in one interview and what the gateway acknowledged of it.</summary>
/// <param name="SessionId">Id of the session.</param>
/// <param name="FramesSent">Frames given to the gateway.</param>
/// <param name="FramesAcked">Frames acknowledged.</param>
/// <param name="ChunksSent">Audio chunks given to the gateway.</param>
/// <param name="ChunksAcked">Audio chunks acknowledged.</param>
public sealed record DemoSent(string SessionId, long FramesSent, long FramesAcked, long ChunksSent, long ChunksAcked);
