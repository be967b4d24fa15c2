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
/// <param name="Shape">Set on the answer's last segment: where the answer has speech and pauses.</param>
/// <param name="Interim">The segment is still open.</param>
public sealed record SegmentRequest(AudioChunk Answer, SpeechSegment Segment, byte[] Pcm16, SpeechShape? Shape = null, bool Interim = false)
{
    /// <summary>The answer ends with it.</summary>
    public bool Last => Shape is not null;
}

/// <summary>What the transcription does with one chunk.</summary>
public sealed record AudioDecision(IReadOnlyList<SegmentRequest> Segments, IReadOnlyList<AuditEvent> Audit);

/// <summary>Steps of the transcription processor that end with segments; <see cref="TranscriptSteps"/> go on.</summary>
public static class AudioSteps
{
    /// <summary>Longest answer that is transcribed, samples: 15 minutes. What follows is dropped, so that a session's state stays bounded.</summary>
    public const long MaxAnswerSamples = 15L * 60 * SpeechSegmenter.SampleRateHz;

    private const string Head = "";

    /// <summary>The session's consent decides. A chunk whose session has not arrived yet is retried.</summary>
    public static AudioRequest Decide(AudioChunk chunk, SessionState? session) => session is null
        ? throw new TransientException($"session {chunk.SessionId} is not on {Schemas.Topics.Sessions} yet")
        : new AudioRequest(chunk, session.Consents is { AudioTranscription: true } ? null : "no consent to transcription");

    /// <summary>Keeps the samples of the open segment, one entry per chunk, and gives the segments that this chunk closes.</summary>
    /// <param name="opus">Null where nothing decodes Opus.</param>
    /// <exception cref="PoisonException">Samples that cannot be read. The answer's last chunk is never refused: the answer ends without its samples, and an audit event says so.</exception>
    public static IEnumerable<AudioDecision> Cut(IKeyContext<AudioEntry> context, AudioRequest request, SpeechSegmenter segmenter, IOpusDecoder? opus = null)
    {
        var chunk = request.Chunk;
        var head = context.Get(Head)?.Answer ?? new AnswerAudio { QuestionIndex = -1 };
        if (chunk.Sequence <= head.LastSequence)
        {
            return [];
        }

        if (request.DenialReason is { } reason)
        {
            context.Put(new AudioEntry { Answer = new AnswerAudio { LastSequence = chunk.Sequence, QuestionIndex = -1, Denied = true } }, Head);
            return head.Denied ? [] : [new AudioDecision([], [Audit("transcription.denied", chunk, reason)])];
        }

        if (chunk.QuestionIndex != head.QuestionIndex)
        {
            context.DeleteAll(); // an answer that never ended leaves nothing behind
            head = new AnswerAudio { QuestionIndex = chunk.QuestionIndex };
        }

        var audit = new List<AuditEvent>();
        var audio = new DecodedAudio([], []);
        try
        {
            audio = Read(chunk, head, opus);
        }
        catch (UnreadableAudioException unreadable) when (chunk.EndOfAnswer)
        {
            audit.Add(Audit("audio.unreadable", chunk, unreadable.Message));
        }
        catch (UnreadableAudioException unreadable)
        {
            throw new PoisonException($"audio chunk {chunk.Sequence} of session {chunk.SessionId}: {unreadable.Message}");
        }

        var segments = CutPermitted(context, chunk, head, audio, segmenter);
        return segments.Count + audit.Count == 0 ? [] : [new AudioDecision(segments, audit)];
    }

    private static DecodedAudio Read(AudioChunk chunk, AnswerAudio head, IOpusDecoder? opus) => chunk.Codec switch
    {
        AudioCodec.Pcm16 when chunk.Data.Length % 2 == 0 => new(chunk.Data.ToByteArray(), []),
        AudioCodec.Opus when opus is not null => opus.Decode(head.PreRoll.Span, chunk.Data.Span),
        AudioCodec.Opus => throw new UnreadableAudioException("nothing here decodes Opus"),
        _ => throw new UnreadableAudioException($"{chunk.Codec} of {chunk.Data.Length} bytes is not PCM16"),
    };

    private static List<SegmentRequest> CutPermitted(IKeyContext<AudioEntry> context, AudioChunk chunk, AnswerAudio head, DecodedAudio audio, SpeechSegmenter segmenter)
    {
        var before = head.Segmenter.IsEmpty ? SegmenterState.Start : SegmenterState.FromBytes(head.Segmenter.Span);
        var pcm16 = before.Received >= MaxAnswerSamples ? ByteString.Empty : ByteString.CopyFrom(audio.Pcm16);
        var (state, closed) = segmenter.Feed(before, pcm16.Span);
        var buffer = new AudioBuffer(context);
        buffer.Add(before.Received, pcm16);
        var segments = closed.Select(s => new SegmentRequest(chunk, s, buffer.Samples(s))).ToList();
        if (chunk.EndOfAnswer)
        {
            segments.AddRange(segmenter.Finish(state).Closed.Select(s => new SegmentRequest(chunk, s, buffer.Samples(s))));
            if (segments.Count == 0)
            {
                segments.Add(new SegmentRequest(chunk, new SpeechSegment(state.Closed, state.Received, state.Received, 0), []));
            }

            segments[^1] = segments[^1] with { Shape = state.Shape };
            context.DeleteAll();
            context.Put(new AudioEntry { Answer = new AnswerAudio { LastSequence = chunk.Sequence, QuestionIndex = -1 } }, Head);
            return segments;
        }

        var interim = closed.Count == 0 ? segmenter.Interim(state, head.InterimAt) : null;
        if (interim is not null)
        {
            segments.Add(new SegmentRequest(chunk, interim, buffer.Samples(interim), Interim: true));
        }

        buffer.DropBefore(state.SegmentStart);
        var answer = new AnswerAudio
        {
            LastSequence = chunk.Sequence,
            QuestionIndex = chunk.QuestionIndex,
            Segmenter = ByteString.CopyFrom(state.ToBytes()),
            InterimAt = interim is null ? head.InterimAt : interim.EndSample,
            PreRoll = ByteString.CopyFrom(audio.PreRoll),
        };
        context.Put(new AudioEntry { Answer = answer }, Head);
        return segments;
    }

    private static AuditEvent Audit(string action, AudioChunk chunk, string reason) => new()
    {
        AuditId = $"{chunk.SessionId}/{action}/{chunk.Sequence}",
        Tenant = chunk.Tenant,
        SessionId = chunk.SessionId,
        Actor = "transcription",
        Action = action,
        Reason = reason,
        AtMs = chunk.ReceivedAtMs,
    };
}
