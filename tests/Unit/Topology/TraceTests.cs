using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>The trace that the browser began goes on to the last record and to the write into the stores.</summary>
public sealed class TraceTests
{
    private const string Session = "session-1";
    private static readonly PlainSerdes Events = new();
    private readonly string trace = Guid.NewGuid().ToString("N");

    [Fact]
    public void A_window_carries_the_trace_of_its_emotions_also_when_silence_closes_it()
    {
        using var windows = new TopologyTestDriver(InterviewTopology.BuildWindows(Events));
        Pipe(windows, Topics.Emotions, new EmotionObserved { SessionId = Session, Sequence = 1, Probabilities = new EmotionProbabilities { Happy = 1 } });
        windows.Advance(TimeSpan.FromSeconds(30));

        var window = Assert.Single(windows.Read(Topics.EmotionWindows, Serdes.Utf8, Events.For<EmotionWindow>()));
        Assert.Equal(TraceParent(), window.Headers.LastUtf8("traceparent"));
    }

    /// <summary>A listener sees one span for each record that persistence reads, and its trace is the browser's.</summary>
    [Fact]
    public void Each_write_into_the_stores_is_a_span_of_the_browsers_trace()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "StreamPlatform.Streams",
            // Spans of this trace alone: other tests use the same source at the same time.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId.ToHexString() == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId.ToHexString() == trace)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var store = new CountingStore();
        using var driver = new TopologyTestDriver(InterviewTopology.BuildPersistence(Events, store, store));

        Pipe(driver, Topics.Sessions, new SessionState { SessionId = Session });
        Pipe(driver, Topics.Events, new SessionEvent { SessionId = Session });
        Pipe(driver, Topics.Answers, new AnswerSubmitted { SessionId = Session });
        Pipe(driver, Topics.Transcripts, new Transcript { Completed = new() });
        Pipe(driver, Topics.Scores, new AnswerScored { SessionId = Session });
        Pipe(driver, Topics.Reports, new InterviewReport { SessionId = Session });
        Pipe(driver, Topics.Audit, new AuditEvent { SessionId = Session });
        Pipe(driver, Topics.Emotions, new EmotionObserved { SessionId = Session });
        Pipe(driver, Topics.EmotionWindows, new EmotionWindow { SessionId = Session });
        driver.Advance(TimeSpan.FromSeconds(1)); // past the sinks' linger

        Assert.Equal(9, store.Written);
        Assert.All(spans, span => Assert.Equal("persistence process", span.OperationName));
        Assert.Equal(
            new[]
            {
                Topics.Sessions, Topics.Events, Topics.Answers, Topics.Transcripts, Topics.Scores, Topics.Reports, Topics.Audit, Topics.Emotions, Topics.EmotionWindows,
            }.Order(StringComparer.Ordinal),
            spans.Select(span => (string)span.GetTagItem("messaging.source.name")!).Order(StringComparer.Ordinal));
    }

    private string TraceParent() => $"00-{trace}-b7ad6b7169203331-01";

    private void Pipe<T>(TopologyTestDriver driver, string topic, T value) where T : class, IMessage<T>, new()
    {
        var headers = new RecordHeaders();
        headers.Add("traceparent", Encoding.UTF8.GetBytes(TraceParent()));
        driver.Pipe(topic, Session, value, Serdes.Utf8, Events.For<T>(), headers: headers);
    }

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }

    private sealed class CountingStore : IInterviewStore, IEmotionSeriesStore
    {
        private int written;

        public int Written => written;

        public string Name => "counting";

        public ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken) => Count(batch.Count);

        public Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken) => Task.CompletedTask;

        private ValueTask Count(int records)
        {
            Interlocked.Add(ref written, records);
            return ValueTask.CompletedTask;
        }
    }
}
