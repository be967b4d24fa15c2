namespace StreamPlatform.Cli.Demo;

/// <summary>What the demo plays: per question a person on camera and an answer.</summary>
/// <param name="QuestionId">Id in the question bank.</param>
/// <param name="Frames">JPEG frames at 2 per second; played from the start, repeated when the answer lasts longer.</param>
/// <param name="Speech">PCM16 mono 16 kHz of a spoken answer; empty for a typed one.</param>
/// <param name="Text">The typed answer, or the words that are spoken.</param>
public sealed record DemoAnswer(string QuestionId, IReadOnlyList<byte[]> Frames, ReadOnlyMemory<byte> Speech, string Text);

/// <param name="Answers">One per question, in order.</param>
/// <param name="CorruptFrame">A JPEG with a valid start that is damaged inside.</param>
public sealed record DemoMaterial(IReadOnlyList<DemoAnswer> Answers, byte[] CorruptFrame);
