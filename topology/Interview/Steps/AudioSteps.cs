using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>A chunk and what the session's consent says about it.</summary>
public sealed record AudioRequest(AudioChunk Chunk, string? DenialReason);

/// <summary>A segment of an answer with its samples.</summary>
/// <param name="Answer">The chunk that closed it: session, tenant, question.</param>
/// <param name="Segment">Position within the answer; SpeechSamples = 0 means that there is nothing to recognise.</param>
/// <param name="Pcm16">Its samples; empty when there is nothing to recognise.</param>
/// <param name="Last">The answer ends with it.</param>
public sealed record SegmentRequest(AudioChunk Answer, SpeechSegment Segment, byte[] Pcm16, bool Last);

/// <summary>What the transcription does with one chunk.</summary>
public sealed record AudioDecision(IReadOnlyList<SegmentRequest> Segments, IReadOnlyList<AuditEvent> Audit);

/// <summary>A segment with its words.</summary>
public sealed record HeardSegment(SegmentRequest Request, RecognizedSpeech Speech, string Engine);

/// <summary>Steps of the transcription processor.</summary>
public static class AudioSteps
{
    /// <summary>Longest answer that is transcribed, samples: 15 minutes. What follows is dropped, so that a session's state stays bounded.</summary>
    public const long MaxAnswerSamples = 15L * 60 * SpeechSegmenter.SampleRateHz;

    private const string Head = "";
    private const string ChunkPrefix = "c";

    /// <summary>The session's consent decides. A chunk whose session has not arrived yet is retried.</summary>
    public static AudioRequest Decide(AudioChunk chunk, SessionState? session) => session is null
        ? throw new TransientException($"session {chunk.SessionId} is not on {Schemas.Topics.Sessions} yet")
        : new AudioRequest(chunk, session.Consents is { AudioTranscription: true } ? null : "no consent to transcription");

    /// <summary>Keeps the samples of the open segment, one entry per chunk, and gives the segments that this chunk closes.</summary>
    /// <exception cref="PoisonException">Samples of a codec or a length that is not PCM16.</exception>
    public static IEnumerable<AudioDecision> Cut(IKeyContext<AudioEntry> context, AudioRequest request, SpeechSegmenter segmenter)
    {
        var chunk = request.Chunk;
        var head = context.Get(Head)?.Answer ?? new AnswerAudio { QuestionIndex = -1 };
        if (chunk.Sequence <= head.LastSequence)
        {
            return [];
        }

        if (chunk.Codec != AudioCodec.Pcm16 || chunk.Data.Length % 2 != 0)
        {
            throw new PoisonException($"audio chunk {chunk.Sequence} of session {chunk.SessionId}: {chunk.Codec} of {chunk.Data.Length} bytes is not PCM16");
        }

        if (request.DenialReason is { } reason)
        {
            context.Put(new AudioEntry { Answer = new AnswerAudio { LastSequence = chunk.Sequence, QuestionIndex = -1, Denied = true } }, Head);
            return head.Denied
                ? []
                : [new AudioDecision([], [FrameSteps.Denial("transcription.denied", chunk.SessionId, chunk.Tenant, reason, chunk.ReceivedAtMs)])];
        }

        if (chunk.QuestionIndex != head.QuestionIndex)
        {
            context.DeleteAll(); // an answer that never ended leaves nothing behind
            head = new AnswerAudio { QuestionIndex = chunk.QuestionIndex };
        }

        return CutPermitted(context, chunk, head, segmenter);
    }

    /// <summary>Recognises segments in their order; those without speech have no words.</summary>
    public static async Task<IReadOnlyList<HeardSegment>> RecogniseAsync(ISpeechRecognizer recognizer, IReadOnlyList<SegmentRequest> segments, CancellationToken ct)
    {
        var heard = new List<HeardSegment>(segments.Count);
        foreach (var segment in segments)
        {
            var speech = segment.Pcm16.Length == 0 ? new RecognizedSpeech("", 0) : await recognizer.RecognizeAsync(segment.Pcm16, ct);
            heard.Add(new HeardSegment(segment, speech, recognizer.Engine));
        }

        return heard;
    }

    /// <summary>Gives each segment, and the whole transcript with the answer's last one, which leaves no state.</summary>
    public static (AnswerWords? State, IReadOnlyList<Transcript> Outputs) Gather(AnswerWords? kept, HeardSegment heard)
    {
        var (chunk, segment) = (heard.Request.Answer, heard.Request.Segment);
        var words = kept?.QuestionIndex == chunk.QuestionIndex ? kept.Clone() : new AnswerWords { QuestionIndex = chunk.QuestionIndex };
        var outputs = new List<Transcript>();
        if (heard.Speech.Text.Length > 0)
        {
            words.Texts.Add(heard.Speech.Text);
            words.WeightedConfidence += heard.Speech.Confidence * segment.SpeechMs;
            words.RecognisedMs += segment.SpeechMs;
            outputs.Add(new Transcript { Segment = ToSegment(chunk, segment, heard) });
        }

        words.SpeechMs += segment.SpeechMs;
        if (!heard.Request.Last)
        {
            return (words, outputs);
        }

        outputs.Add(new Transcript { Completed = ToCompleted(chunk, segment, heard.Engine, words) });
        return (null, outputs);
    }

    private static IEnumerable<AudioDecision> CutPermitted(IKeyContext<AudioEntry> context, AudioChunk chunk, AnswerAudio head, SpeechSegmenter segmenter)
    {
        var before = head.Segmenter.IsEmpty ? SegmenterState.Start : SegmenterState.FromBytes(head.Segmenter.Span);
        var data = before.Received >= MaxAnswerSamples ? ByteString.Empty : chunk.Data;
        var fed = segmenter.Feed(before, data.Span);
        var (state, closed) = (fed.State, fed.Closed.ToList());
        if (chunk.EndOfAnswer)
        {
            closed.AddRange(segmenter.Finish(state).Closed);
        }

        var pieces = context.All().Where(e => e.Sub.StartsWith(ChunkPrefix, StringComparison.Ordinal))
            .Select(e => new Piece(e.Sub, long.Parse(e.Sub.AsSpan(ChunkPrefix.Length)), e.Value.Pcm16)).ToList();
        if (data.Length > 0)
        {
            var fresh = new Piece($"{ChunkPrefix}{before.Received:D12}", before.Received, data);
            pieces.Add(fresh);
            context.Put(new AudioEntry { Pcm16 = data }, fresh.Sub);
        }

        var segments = closed.Select((s, i) =>
            new SegmentRequest(chunk, s, s.SpeechSamples == 0 ? [] : Samples(pieces, s), chunk.EndOfAnswer && i == closed.Count - 1)).ToList();
        if (chunk.EndOfAnswer)
        {
            if (segments.Count == 0)
            {
                segments.Add(new SegmentRequest(chunk, new SpeechSegment(state.Closed, state.Received, state.Received, 0), [], true));
            }

            context.DeleteAll();
            context.Put(new AudioEntry { Answer = new AnswerAudio { LastSequence = chunk.Sequence, QuestionIndex = -1 } }, Head);
            return [new AudioDecision(segments, [])];
        }

        foreach (var piece in pieces.Where(p => p.EndSample <= state.SegmentStart))
        {
            context.Delete(piece.Sub);
        }

        context.Put(
            new AudioEntry
            {
                Answer = new AnswerAudio { LastSequence = chunk.Sequence, QuestionIndex = chunk.QuestionIndex, Segmenter = ByteString.CopyFrom(state.ToBytes()) },
            },
            Head);
        return segments.Count == 0 ? [] : [new AudioDecision(segments, [])];
    }

    private static byte[] Samples(List<Piece> pieces, SpeechSegment segment)
    {
        var samples = new byte[(segment.EndSample - segment.StartSample) * 2];
        foreach (var piece in pieces)
        {
            var from = Math.Max(piece.StartSample, segment.StartSample);
            var to = Math.Min(piece.EndSample, segment.EndSample);
            if (from < to)
            {
                piece.Pcm16.Span[(int)((from - piece.StartSample) * 2)..(int)((to - piece.StartSample) * 2)]
                    .CopyTo(samples.AsSpan((int)((from - segment.StartSample) * 2)));
            }
        }

        return samples;
    }

    private static TranscriptSegment ToSegment(AudioChunk chunk, SpeechSegment segment, HeardSegment heard) => new()
    {
        SegmentId = $"{chunk.SessionId}/{chunk.QuestionIndex}/{segment.Index}",
        SessionId = chunk.SessionId,
        Tenant = chunk.Tenant,
        QuestionIndex = chunk.QuestionIndex,
        SegmentIndex = segment.Index,
        StartMs = segment.StartMs,
        EndMs = segment.EndMs,
        Text = heard.Speech.Text,
        Confidence = heard.Speech.Confidence,
        Engine = heard.Engine,
    };

    private static TranscriptCompleted ToCompleted(AudioChunk chunk, SpeechSegment last, string engine, AnswerWords words) => new()
    {
        AnswerId = $"{chunk.SessionId}/{chunk.QuestionIndex}",
        SessionId = chunk.SessionId,
        Tenant = chunk.Tenant,
        Question = chunk.Question,
        Text = string.Join(' ', words.Texts),
        Confidence = words.RecognisedMs == 0 ? 0 : (float)(words.WeightedConfidence / words.RecognisedMs),
        Engine = engine,
        SpeechMs = words.SpeechMs,
        AudioMs = last.EndMs,
        Segments = words.Texts.Count,
        CompletedAtMs = chunk.CapturedAtMs,
    };

    private sealed record Piece(string Sub, long StartSample, ByteString Pcm16)
    {
        public long EndSample => StartSample + (Pcm16.Length / 2);
    }
}
