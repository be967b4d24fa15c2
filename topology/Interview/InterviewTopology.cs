using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Topology;

/// <summary>The whole dataflow on one screen. Each method is one application: inputs, steps, outputs. Keys are session ids; a step is a pure function of <see cref="Steps"/> or a call to a port.</summary>
public static class InterviewTopology
{
    /// <summary>frames x sessions -> emotions (or marks of frames skipped under load), audit; an unreadable frame goes to the dead-letter topic.</summary>
    public static Streams.Topology BuildEmotion(IEventSerdes serdes, IEmotionModel model, TimeProvider time, Func<FrameCaptured, int>? load = null) => EventTopology.Build("emotion", serdes, app =>
    {
        var decisions = app.Stream<FrameCaptured>(Topics.Frames).LeftJoin(app.Table<SessionState>(Topics.Sessions), (frame, session) => FrameSteps.Decide(frame, session, load))
            .FlatMapWithState("frames", new StateSerde<FrameProgress>(), FrameSteps.Admit);
        decisions.FlatMapValues(d => d.Audit).To(Topics.Audit, serdes);
        decisions.FlatMapValues(d => d.Analyse).MapAsync("analyse", (_, task, ct) => FrameSteps.AnalyseAsync(model, task, time, ct))
            .FlatMapWithState("candidate", new StateSerde<CandidateState>(), (_, state, reading) => CandidateSteps.Follow(state, reading), idleAfter: TimeSpan.FromMinutes(10), onIdle: (_, _) => (null, [])).Merge(decisions.FlatMapValues(d => d.Skipped)).To(Topics.Emotions, serdes);
    });

    /// <summary>audio x sessions -> segments cut at pauses -> transcripts, audit.</summary>
    public static Streams.Topology BuildTranscription(IEventSerdes serdes, ISpeechRecognizer recognizer, SpeechSegmenter segmenter, IOpusDecoder? opus = null) => EventTopology.Build("transcription", serdes, app =>
    {
        var heard = app.Stream<AudioChunk>(Topics.Audio).LeftJoin(app.Table<SessionState>(Topics.Sessions), AudioSteps.Decide)
            .Process<AudioEntry, AudioDecision>("audio", new StateSerde<AudioEntry>(), (context, request) => AudioSteps.Cut(context, request, segmenter, opus));
        heard.FlatMapValues(d => d.Audit).To(Topics.Audit, serdes);
        heard.Filter((_, d) => d.Segments.Count > 0)
            .FlatMapAsync("recognise", (_, d, ct) => TranscriptSteps.RecogniseAsync(recognizer, d.Segments, ct), new StepOptions { TimeoutMs = 600_000 })
            .FlatMapWithState("words", new StateSerde<AnswerWords>(), TranscriptSteps.Gather).To(Topics.Transcripts, serdes);
    });

    /// <summary>typed answers + completed transcripts -> scores.</summary>
    public static Streams.Topology BuildScoring(IEventSerdes serdes, ILanguageModel model, TimeProvider time) => EventTopology.Build("scoring", serdes, app =>
        app.Stream<AnswerSubmitted>(Topics.Answers).FlatMapValues(ScoreSteps.FromAnswer)
            .Merge(app.Stream<Transcript>(Topics.Transcripts).FlatMapValues(ScoreSteps.FromTranscript))
            .MapAsync("score", (_, answer, ct) => ScoreSteps.ScoreAsync(model, answer, time, ct)).To(Topics.Scores, serdes));

    /// <summary>emotions -> tumbling windows of 10 s per session, closed by event time or by silence.</summary>
    public static Streams.Topology BuildWindows(IEventSerdes serdes) => EventTopology.Build("windows", serdes, app =>
        app.Stream<EmotionObserved>(Topics.Emotions).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(2)).CloseAfterIdle(TimeSpan.FromSeconds(8)))
            .Aggregate("emotions", new StateSerde<WindowTotals>(), (_, _) => new WindowTotals(), (totals, seen, _) => WindowSteps.Add(totals, seen), WindowSteps.Close)
            .To(Topics.EmotionWindows, serdes));

    /// <summary>events + emotions + dead frames + transcripts + scores + costs -> the report, once everything acknowledged has been analysed; anew when a score is revised.</summary>
    public static Streams.Topology BuildReports(IEventSerdes serdes, ReportOptions options) => EventTopology.Build("reports", serdes, app =>
        app.Stream<SessionEvent>(Topics.Events).MapValues(e => new ReportInput(Event: e))
            .Merge(app.Stream<EmotionObserved>(Topics.Emotions).MapValues(e => new ReportInput(Emotion: e)))
            .Merge(app.DeadLetters(Topics.DeadLetter(Topics.Frames)).FlatMapValues(letter => ReportSteps.DeadFrame(serdes.For<FrameCaptured>(), letter)))
            .Merge(app.Stream<Transcript>(Topics.Transcripts).MapValues(t => new ReportInput(Transcript: t)))
            .Merge(app.Stream<AnswerScored>(Topics.Scores).MapValues(s => new ReportInput(Score: s))).Merge(app.Stream<AiCallEnded>(Topics.AiCosts).FlatMapValues(ReportSteps.Cost))
            .Process<ReportTotals, InterviewReport>("sessions", new StateSerde<ReportTotals>(), (context, input) => ReportSteps.Add(context, input, options),
                new IdleTimer<ReportTotals, InterviewReport>(options.PartialAfter, context => ReportSteps.Idle(context, options)))
            .To(Topics.Reports, serdes));

    /// <summary>every topic that people query -> Postgres and the emotion series store; an offset is committed after its row is written.</summary>
    public static Streams.Topology BuildPersistence(IEventSerdes serdes, IInterviewStore store, IEmotionSeriesStore series) => EventTopology.Build("persistence", serdes, app =>
        app.Persist<SessionState>(Topics.Sessions, store.WriteSessionsAsync)
            .Persist<SessionEvent>(Topics.Events, store.WriteEventsAsync)
            .Persist<AnswerSubmitted>(Topics.Answers, store.WriteAnswersAsync)
            .Persist<Transcript>(Topics.Transcripts, store.WriteTranscriptsAsync)
            .Persist<AnswerScored>(Topics.Scores, store.WriteScoresAsync)
            .Persist<InterviewReport>(Topics.Reports, store.WriteReportsAsync)
            .Persist<AuditEvent>(Topics.Audit, store.WriteAuditAsync)
            .Persist<EmotionObserved>(Topics.Emotions, (batch, ct) => series.WriteEmotionsAsync([.. batch.Where(e => !e.Skipped)], ct), PersistenceSinks.Emotions)
            .Persist<EmotionWindow>(Topics.EmotionWindows, series.WriteWindowsAsync));
}
