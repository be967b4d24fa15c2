using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>
/// Emotions of many sessions, their states and their scores, produced part by part; every 97th emotion and every 7th score comes twice, as a source that
/// resumes may send them. What the tables must hold at the end follows from the numbers alone.
/// </summary>
internal sealed class SinkLoad(string bootstrapServers, string registryUrl, int sessions, int framesPerSession) : IDisposable
{
    public const int StatesPerSession = 5;
    public const int ScoresPerSession = 8;
    private const long StartMs = 1_772_625_600_000; // 2026-03-04T12:00:00Z

    private readonly CachedSchemaRegistryClient registry = new(new SchemaRegistryConfig { Url = registryUrl });
    private readonly IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
    {
        BootstrapServers = bootstrapServers, EnableIdempotence = true, Acks = Acks.All, LingerMs = 5, QueueBufferingMaxMessages = 1_000_000, MessageTimeoutMs = 120_000,
    }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    private int failed;

    public int Emotions => sessions * framesPerSession;

    public int Sessions => sessions;

    public IEnumerable<string> SessionIds => Enumerable.Range(0, sessions).Select(Id).Order(StringComparer.Ordinal);

    /// <summary>Topics and schemas, as every service makes them.</summary>
    public async Task PrepareAsync() =>
        await PlatformTopics.EnsureAsync(bootstrapServers, registry, new PlatformOptions { Kafka = bootstrapServers, Registry = registryUrl }, TestContext.Current.CancellationToken);

    /// <summary>Produces one of several equal parts and returns when Kafka has all of it.</summary>
    public Task ProduceAsync(int part, int parts) => Task.Run(() =>
    {
        var serdes = new EventSerdes(registry);
        var (emotions, states, scores) = (serdes.For<EmotionObserved>(), serdes.For<SessionState>(), serdes.For<AnswerScored>());
        for (var i = Part(Emotions); i < Part(Emotions, 1); i++)
        {
            var row = Emotion(i % sessions, i / sessions);
            for (var copy = 0; copy < (i % 97 == 0 ? 2 : 1); copy++) Send(Topics.Emotions, row.SessionId, emotions.Serialize(Topics.Emotions, row));
        }

        for (var i = Part(sessions * StatesPerSession); i < Part(sessions * StatesPerSession, 1); i++)
        {
            var state = State(i % sessions, i / sessions);
            Send(Topics.Sessions, state.SessionId, states.Serialize(Topics.Sessions, state));
        }

        for (var i = Part(sessions * ScoresPerSession); i < Part(sessions * ScoresPerSession, 1); i++)
        {
            var score = Score(i % sessions, i / sessions);
            for (var copy = 0; copy < (i % 7 == 0 ? 2 : 1); copy++) Send(Topics.Scores, score.SessionId, scores.Serialize(Topics.Scores, score));
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(120)));
        Assert.Equal(0, Volatile.Read(ref failed));

        int Part(int count, int add = 0) => (int)((long)count * (part + add) / parts);
    });

    /// <summary>The frame of a session, from 0.</summary>
    public static EmotionObserved Emotion(int session, int frame)
    {
        var face = (session + frame) % 20 != 0;
        float Share(int n) => ((session * 31) + (frame * 17) + n) % 1000 / 1000f;
        var row = new EmotionObserved
        {
            SessionId = Id(session), Tenant = $"tenant-{session % 7}", Sequence = frame + 1, CapturedAtMs = StartMs + (frame * 500L) + session, QuestionIndex = frame / 60,
            FaceCount = face ? 1 : 0, ModelVersion = "test-1", AnalysedAtMs = StartMs + (frame * 500L) + session + 80, EyesClosed = frame % 9 == 0, EyeOpenness = Share(9),
            ExtraFaces = frame % 3, Track = frame % 5, EmotionUnreliable = frame % 4 == 0, ClosureBegan = frame % 9 == 1, YawDegrees = Share(14), Luminance = Share(15), Sharpness = Share(16),
            SamplingLevel = frame % 6, NoBlink = frame % 11 == 0,
        };
        if (frame % 13 == 0) row.Quality.Add([FrameQuality.Dark, FrameQuality.Blurred]);
        if (face)
        {
            row.Face = new() { Left = Share(1), Top = Share(2), Width = Share(3), Height = Share(4), Confidence = Share(5) };
            row.Probabilities = new() { Angry = Share(6), Disgust = Share(7), Fear = Share(8), Happy = Share(10), Sad = Share(11), Surprise = Share(12), Neutral = Share(13) };
            row.Dominant = "happy";
        }

        return row;
    }

    /// <summary>The state of a session, from 0; the last is the one to be stored.</summary>
    public static SessionState State(int session, int number) => new()
    {
        SessionId = Id(session), Tenant = $"tenant-{session % 7}", CandidateId = $"c-{session}", CandidateName = $"Zoë {session}", Position = "engineer", Jurisdiction = "US",
        Status = number == StatesPerSession - 1 ? SessionStatus.Completed : SessionStatus.Active, QuestionIndex = number, CreatedAtMs = StartMs + session, UpdatedAtMs = StartMs + session + (number * 1_000),
        DegradationLevel = number % 3, Consents = new() { VideoEmotion = session % 2 == 0, FacePresence = true, Blink = session % 3 == 0, AudioTranscription = true, GivenAtMs = StartMs + session },
        Questions = { new Question { Id = "q-0", Text = $"Why {session}?" }, new Question { Id = "q-1", Index = 1, Text = number == StatesPerSession - 1 ? "The last?" : "And then?" } },
    };

    /// <summary>The score, from 0: the first half are first scores, the second half their corrections, which are to be stored.</summary>
    public static AnswerScored Score(int session, int number)
    {
        const int answers = ScoresPerSession / 2;
        var (answer, revision) = (number % answers, number / answers);
        return new()
        {
            AnswerId = $"{Id(session)}/{answer}", SessionId = Id(session), Tenant = $"tenant-{session % 7}", QuestionId = $"q-{answer}", QuestionIndex = answer, Technical = (session + number) % 100,
            Communication = (session * 3 + number) % 100, Feedback = $"feedback {revision}", Engine = "test", RubricVersion = "1", Revision = revision, ScoredAtMs = StartMs + session + number,
            NeedsHumanReview = revision == 0, Evidence = { $"quote {session}" },
        };
    }

    /// <summary>Not in the order of the numbers, as real ids are.</summary>
    public static string Id(int session) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(BitConverter.GetBytes(session)));

    public void Dispose()
    {
        producer.Dispose();
        registry.Dispose();
    }

    private void Send(string topic, string key, byte[] value) => producer.Produce(topic, new Message<string, byte[]> { Key = key, Value = value }, report =>
    {
        if (report.Error.IsError) Interlocked.Increment(ref failed);
    });
}
