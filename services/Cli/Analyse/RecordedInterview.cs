using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Cli.Analyse;

/// <summary>
/// A session whose camera and microphone are a file: the gateway's own intake and lifecycle write it, on a clock that stands where the file stands, so that topics
/// and processors see what a live interview would have given them.
/// </summary>
internal sealed class RecordedInterview : IDisposable
{
    private readonly CaptureSession session;
    private readonly SessionLifecycle lifecycle;
    private readonly MediaIntake intake;
    private readonly KafkaEventWriter writer;
    private readonly GatewayMetrics metrics;
    private readonly RecordingClock clock;
    private long frames;
    private long chunks;

    private RecordedInterview(CaptureSession session, SessionLifecycle lifecycle, MediaIntake intake, KafkaEventWriter writer, GatewayMetrics metrics, RecordingClock clock)
    {
        this.session = session;
        this.lifecycle = lifecycle;
        this.intake = intake;
        this.writer = writer;
        this.metrics = metrics;
        this.clock = clock;
    }

    /// <summary>Id of the session.</summary>
    public string SessionId => session.Id;

    /// <summary>Id of the person in it.</summary>
    public string CandidateId => session.State.CandidateId;

    /// <summary>Frames written and confirmed.</summary>
    public long FramesAcked => session.Frames.LastDelivered;

    /// <summary>Creates the session and records whose word its consents are.</summary>
    public static async Task<RecordedInterview> CreateAsync(
        string bootstrapServers, ISchemaRegistryClient registry, AnalyseOptions options, bool withSound, RecordingClock clock, CancellationToken ct)
    {
        var settings = new GatewayOptions { BootstrapServers = bootstrapServers };
        var codec = new RegistryEventCodec(registry);
        await codec.PrepareAsync(ct);
        var metrics = new GatewayMetrics();
        var writer = new KafkaEventWriter(settings, codec, metrics, clock, NullLogger<KafkaEventWriter>.Instance);
        var lifecycle = new SessionLifecycle(writer, settings, clock);
        try
        {
            var session = await lifecycle.CreateAsync(State(options, withSound, clock));
            await lifecycle.ConfirmedAsync(writer.WriteAsync(SessionLifecycle.Record(session, Topics.Audit, $"{session.Id}/consent.claimed", clock.Start.ToUnixTimeMilliseconds(), Claim(session.State, options))));
            return new RecordedInterview(session, lifecycle, new MediaIntake(writer, lifecycle, settings, clock) { Recorded = true }, writer, metrics, clock);
        }
        catch
        {
            writer.Dispose();
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>The interview begins, the clock stands at the file's start.</summary>
    public Task StartAsync() => lifecycle.StartAsync(session);

    /// <summary>Writes the frame at the clock's position.</summary>
    public async Task FrameAsync(byte[] jpeg) => Check(await intake.FrameAsync(session, ++frames, NowMs(), jpeg));

    /// <summary>Writes half a second of sound; the last one hands the answer in.</summary>
    public async Task SoundAsync(ReadOnlyMemory<byte> pcm16, bool last) => Check(await intake.AudioAsync(session, ++chunks, last, NowMs(), pcm16));

    /// <summary>Ends the session once everything is confirmed.</summary>
    /// <param name="cutShort">The file could not be read to its end.</param>
    public Task CompleteAsync(bool cutShort) => lifecycle.CompleteAsync(session, cutShort);

    public void Dispose()
    {
        writer.Dispose();
        metrics.Dispose();
    }

    private static SessionState State(AnalyseOptions options, bool withSound, RecordingClock clock)
    {
        var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var id = Guid.CreateVersion7(clock.Start).ToString("N");
        return new SessionState
        {
            SessionId = id,
            Tenant = options.Tenant,
            CandidateId = $"candidate-{id}",
            CandidateName = options.Name,
            Position = "Recorded video",
            Jurisdiction = options.Jurisdiction.ToUpperInvariant(),
            Consents = options.Consents(nowMs),
            Status = SessionStatus.Created,
            CreatedAtMs = nowMs,
            UpdatedAtMs = nowMs,
            Questions = { new Question { Id = "recorded-video", Text = "Recorded video", Kind = withSound ? AnswerKind.Spoken : AnswerKind.Typed } },
        };
    }

    private static AuditEvent Claim(SessionState state, AnalyseOptions options) => new()
    {
        AuditId = $"{state.SessionId}/consent.claimed",
        Tenant = state.Tenant,
        SessionId = state.SessionId,
        Actor = "command line",
        Action = "consent.claimed",
        Reason = $"the user who had the file analysed stated consent to {string.Join(", ", options.Consent)} in {state.Jurisdiction}",
        AtMs = state.CreatedAtMs,
    };

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static void Check(Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw new AnalyseException($"the platform refused a part of the recording: {refusal.Message}");
        }
    }
}
