using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Topology;

/// <summary>
/// The whole dataflow on one screen. Each method is one application: its inputs, its steps, its outputs.
/// Keys are session ids; every step is a pure function of <see cref="Steps"/> or a call to a port.
/// </summary>
public static class InterviewTopology
{
    public const string Emotion = "emotion";
    public const string Transcription = "transcription";
    public const string Scoring = "scoring";
    public const string Windows = "windows";
    public const string Reports = "reports";
    public const string Persistence = "persistence";

    /// <summary>frames x sessions -> emotions, audit; an unreadable frame goes to the dead-letter topic.</summary>
    public static Streams.Topology BuildEmotion(IEventSerdes serdes, IEmotionModel model, TimeProvider time)
    {
        var builder = new StreamsBuilder(Emotion);
        var sessions = builder.Table(Topics.Sessions, Serdes.Utf8, serdes.For<SessionState>());
        var decisions = builder.Stream(Topics.Frames, Serdes.Utf8, serdes.For<FrameCaptured>())
            .LeftJoin(sessions, FrameSteps.Decide)
            .Process<FrameProgress, FrameDecision>("frames", new StateSerde<FrameProgress>(), Keyed.Step<FrameProgress, FrameRequest, FrameDecision>(FrameSteps.Admit));
        decisions.FlatMapValues(d => Keyed.Some(d.Audit)).To(Topics.Audit, Serdes.Utf8, serdes.For<AuditEvent>());
        decisions.FlatMapValues(d => Keyed.Some(d.Analyse))
            .MapAsync("analyse", (_, frame, ct) => FrameSteps.AnalyseAsync(model, frame, time, ct))
            .To(Topics.Emotions, Serdes.Utf8, serdes.For<EmotionObserved>());
        return builder.Build();
    }

    /// <summary>audio x sessions -> segments cut at pauses -> transcripts, audit.</summary>
    public static Streams.Topology BuildTranscription(IEventSerdes serdes, ISpeechRecognizer recognizer, SpeechSegmenter segmenter)
    {
        var builder = new StreamsBuilder(Transcription);
        var sessions = builder.Table(Topics.Sessions, Serdes.Utf8, serdes.For<SessionState>());
        var heard = builder.Stream(Topics.Audio, Serdes.Utf8, serdes.For<AudioChunk>())
            .LeftJoin(sessions, AudioSteps.Decide)
            .Process<AudioEntry, AudioDecision>("audio", new StateSerde<AudioEntry>(), (ctx, request) => AudioSteps.Cut(ctx, request, segmenter));
        heard.FlatMapValues(d => Keyed.Some(d.Audit)).To(Topics.Audit, Serdes.Utf8, serdes.For<AuditEvent>());
        heard.Filter((_, d) => d.Segments.Count > 0)
            .FlatMapAsync("recognise", (_, d, ct) => AudioSteps.RecogniseAsync(recognizer, d.Segments, ct), new StepOptions { TimeoutMs = 600_000 })
            .Process<AnswerWords, Transcript>("words", new StateSerde<AnswerWords>(), AudioSteps.Gather)
            .To(Topics.Transcripts, Serdes.Utf8, serdes.For<Transcript>());
        return builder.Build();
    }

    /// <summary>typed answers + completed transcripts -> scores.</summary>
    public static Streams.Topology BuildScoring(IEventSerdes serdes, ILanguageModel model, TimeProvider time)
    {
        var builder = new StreamsBuilder(Scoring);
        var typed = builder.Stream(Topics.Answers, Serdes.Utf8, serdes.For<AnswerSubmitted>()).FlatMapValues(a => Keyed.Some(ScoreSteps.FromAnswer(a)));
        var spoken = builder.Stream(Topics.Transcripts, Serdes.Utf8, serdes.For<Transcript>()).FlatMapValues(t => Keyed.Some(ScoreSteps.FromTranscript(t)));
        typed.Merge(spoken)
            .MapAsync("score", (_, answer, ct) => ScoreSteps.ScoreAsync(model, answer, time, ct))
            .To(Topics.Scores, Serdes.Utf8, serdes.For<AnswerScored>());
        return builder.Build();
    }

    /// <summary>emotions -> tumbling windows of 10 s per session, closed by event time or by silence.</summary>
    public static Streams.Topology BuildWindows(IEventSerdes serdes)
    {
        var builder = new StreamsBuilder(Windows);
        builder.Stream(Topics.Emotions, Serdes.Utf8, serdes.For<EmotionObserved>())
            .GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(2)).CloseAfterIdle(TimeSpan.FromSeconds(8)))
            .Aggregate<WindowTotals, EmotionWindow>(
                "emotions", new StateSerde<WindowTotals>(), (_, _) => new WindowTotals(), (totals, seen, _) => WindowSteps.Add(totals, seen),
                (session, window, totals) => WindowSteps.Close(session, window.StartMs, window.EndMs, totals))
            .To(Topics.EmotionWindows, Serdes.Utf8, serdes.For<EmotionWindow>());
        return builder.Build();
    }

    /// <summary>events + emotions + dead frames + transcripts + scores -> the report, once everything acknowledged has been analysed.</summary>
    public static Streams.Topology BuildReports(IEventSerdes serdes)
    {
        var builder = new StreamsBuilder(Reports);
        var events = builder.Stream(Topics.Events, Serdes.Utf8, serdes.For<SessionEvent>()).MapValues(e => new ReportInput(Event: e));
        var emotions = builder.Stream(Topics.Emotions, Serdes.Utf8, serdes.For<EmotionObserved>()).MapValues(e => new ReportInput(Emotion: e));
        var dead = builder.Stream(Topics.DeadLetter(Topics.Frames), Serdes.Utf8, Serdes.Bytes).FlatMapValues(d => ReportSteps.DeadFrame(serdes.For<FrameCaptured>(), d));
        var transcripts = builder.Stream(Topics.Transcripts, Serdes.Utf8, serdes.For<Transcript>()).MapValues(t => new ReportInput(Transcript: t));
        var scores = builder.Stream(Topics.Scores, Serdes.Utf8, serdes.For<AnswerScored>()).MapValues(s => new ReportInput(Score: s));
        events.Merge(emotions).Merge(dead).Merge(transcripts).Merge(scores)
            .Process<ReportTotals, InterviewReport>(
                "sessions", new StateSerde<ReportTotals>(), Keyed.Step<ReportTotals, ReportInput, InterviewReport>(ReportSteps.Add),
                Keyed.OnIdle<ReportTotals, InterviewReport>(TimeSpan.FromMinutes(2), ReportSteps.Idle))
            .To(Topics.Reports, Serdes.Utf8, serdes.For<InterviewReport>());
        return builder.Build();
    }

    /// <summary>every topic that people query -> Postgres and the emotion series store; an offset is committed after its row is written.</summary>
    public static Streams.Topology BuildPersistence(IEventSerdes serdes, IInterviewStore store, IEmotionSeriesStore series)
    {
        var builder = new StreamsBuilder(Persistence);
        Sink<SessionState>(Topics.Sessions, store.WriteSessionsAsync);
        Sink<SessionEvent>(Topics.Events, store.WriteEventsAsync);
        Sink<AnswerSubmitted>(Topics.Answers, store.WriteAnswersAsync);
        Sink<Transcript>(Topics.Transcripts, store.WriteTranscriptsAsync);
        Sink<AnswerScored>(Topics.Scores, store.WriteScoresAsync);
        Sink<InterviewReport>(Topics.Reports, store.WriteReportsAsync);
        Sink<AuditEvent>(Topics.Audit, store.WriteAuditAsync);
        Sink<EmotionObserved>(Topics.Emotions, series.WriteEmotionsAsync);
        Sink<EmotionWindow>(Topics.EmotionWindows, series.WriteWindowsAsync);
        return builder.Build();

        void Sink<T>(string topic, Func<IReadOnlyList<T>, CancellationToken, ValueTask> write) where T : class, Google.Protobuf.IMessage<T>, new() =>
            builder.Stream(topic, Serdes.Utf8, serdes.For<T>())
                .ToSink(topic, (batch, ct) => write([.. batch.Select(r => r.Value)], ct).AsTask(), new SinkOptions { MaxRecords = 500, LingerMs = 50 });
    }
}
