namespace StreamPlatform.Cli.Demo;

/// <summary>Numbers of a running demo, as a person watches them.</summary>
/// <param name="Phase">What is going on, in words.</param>
/// <param name="Interviews">Interviews played at once.</param>
/// <param name="Question">Question in progress of the first interview, from 0; -1 before.</param>
/// <param name="FramesSent">Frames sent by all interviews.</param>
/// <param name="FramesAcked">Frames acknowledged.</param>
/// <param name="ChunksSent">Audio chunks sent.</param>
/// <param name="ChunksAcked">Audio chunks acknowledged.</param>
/// <param name="Complete">Interviews whose every result is stored.</param>
/// <param name="LivePage">Where the first interview can be watched; null before it exists.</param>
public sealed record DemoProgress(string Phase, int Interviews, int Question, long FramesSent, long FramesAcked, long ChunksSent, long ChunksAcked, int Complete, Uri? LivePage = null);
