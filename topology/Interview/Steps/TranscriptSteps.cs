using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>A segment with its words.</summary>
public sealed record HeardSegment(SegmentRequest Request, RecognizedSpeech Speech, string Engine);

/// <summary>Steps of the transcription processor from segments to transcripts, and their correction.</summary>
public static class TranscriptSteps
{
    /// <summary>Below this confidence a person should correct the text .</summary>
    public const float LeastConfidence = 0.7f;

    /// <summary>Engine of a transcript that a person corrected.</summary>
    public const string Human = "human";

    /// <summary>Recognises segments in their order; those without speech have no words, open ones only what the engine has time for.</summary>
    public static async Task<IReadOnlyList<HeardSegment>> RecogniseAsync(ISpeechRecognizer recognizer, IReadOnlyList<SegmentRequest> segments, CancellationToken ct)
    {
        var heard = new List<HeardSegment>(segments.Count);
        foreach (var segment in segments)
        {
            var context = new SpeechContext(segment.Answer.Tenant, segment.Answer.SessionId);
            var speech = segment.Interim ? await recognizer.TryRecognizeInterimAsync(segment.Pcm16, ct)
                : segment.Pcm16.Length == 0 ? new RecognizedSpeech("", 0)
                : await recognizer.RecognizeAsync(segment.Pcm16, context, ct);
            if (speech is not null)
            {
                heard.Add(new HeardSegment(segment, speech, speech.Engine.Length > 0 ? speech.Engine : recognizer.Engine));
            }
        }

        return heard;
    }

    /// <summary>Gives each segment, and the whole transcript with the answer's last one, which leaves no state.</summary>
    public static (AnswerWords? State, IReadOnlyList<Transcript> Outputs) Gather(AnswerWords? kept, HeardSegment heard)
    {
        var (chunk, segment, speech) = (heard.Request.Answer, heard.Request.Segment, heard.Speech);
        var words = kept?.QuestionIndex == chunk.QuestionIndex ? kept.Clone() : new AnswerWords { QuestionIndex = chunk.QuestionIndex };
        var outputs = new List<Transcript>();
        if (heard.Request.Interim)
        {
            if (speech.Text.Length > 0)
            {
                words.InterimSegment = segment.Index + 1;
                outputs.Add(new Transcript { Segment = ToSegment(chunk, segment, heard) });
            }

            return (words, outputs);
        }

        if (speech.Text.Length > 0)
        {
            words.Texts.Add(speech.Text);
            words.WeightedConfidence += speech.Confidence * segment.SpeechMs;
            words.RecognisedMs += segment.SpeechMs;
        }

        // Also one without words, when an interim transcript of it must go.
        if (speech.Text.Length > 0 || words.InterimSegment == segment.Index + 1)
        {
            outputs.Add(new Transcript { Segment = ToSegment(chunk, segment, heard) });
        }

        if (segment.SpeechMs > 0 && !words.Engines.Contains(heard.Engine))
        {
            words.Engines.Add(heard.Engine);
        }

        words.SpeechMs += segment.SpeechMs;
        if (heard.Request.Shape is not { } shape)
        {
            return (words, outputs);
        }

        outputs.Add(new Transcript { Completed = ToCompleted(chunk, segment, shape, words.Engines.Count == 0 ? heard.Engine : string.Join('+', words.Engines), words) });
        return (null, outputs);
    }

    /// <summary>A transcript as a person corrected it: the next revision.</summary>
    public static TranscriptCompleted Correct(TranscriptCompleted heard, string text, string who, string why)
    {
        var corrected = heard.Clone();
        corrected.Text = text;
        corrected.Confidence = 1;
        corrected.Engine = Human;
        corrected.NeedsCorrection = false;
        corrected.Revision = heard.Revision + 1;
        corrected.CorrectedBy = who;
        corrected.CorrectionReason = why;
        if (corrected.Features is { } features)
        {
            var before = features.Words;
            features.Words = WordErrorRate.Words(text).Length;
            features.WordsPerMinute = before == 0 ? 0 : features.WordsPerMinute * features.Words / before;
        }

        return corrected;
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
        Interim = heard.Request.Interim,
    };

    private static TranscriptCompleted ToCompleted(AudioChunk chunk, SpeechSegment last, SpeechShape shape, string engine, AnswerWords words)
    {
        var text = string.Join(' ', words.Texts);
        var confidence = words.SpeechMs == 0 ? 0 : (float)(words.WeightedConfidence / words.SpeechMs);
        return new()
        {
            AnswerId = $"{chunk.SessionId}/{chunk.QuestionIndex}",
            SessionId = chunk.SessionId,
            Tenant = chunk.Tenant,
            Question = chunk.Question,
            Text = text,
            Confidence = confidence,
            Engine = engine,
            SpeechMs = words.SpeechMs,
            AudioMs = last.EndMs,
            Segments = words.Texts.Count,
            CompletedAtMs = chunk.CapturedAtMs,
            NeedsCorrection = words.SpeechMs > 0 && confidence < LeastConfidence,
            Features = Features(text, words.SpeechMs, last.EndMs, shape),
        };
    }

    private static SpeechFeatures Features(string text, long talkMs, long audioMs, SpeechShape shape)
    {
        var words = WordErrorRate.Words(text).Length;
        var spanMs = shape.LastMs - shape.FirstMs;
        return new()
        {
            TalkMs = talkMs,
            SilenceMs = Math.Max(0, audioMs - talkMs),
            OnsetMs = shape.FirstMs,
            Pauses = shape.Pauses,
            LongestPauseMs = shape.LongestPauseMs,
            Words = words,
            WordsPerMinute = spanMs < 1_000 ? 0 : words * 60_000f / spanMs,
        };
    }
}
