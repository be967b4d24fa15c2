using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class FrameStepsTests
{
    private static readonly SessionState Permitted = Session("US", emotion: true, face: true, blink: true);

    [Fact]
    public void A_frame_of_an_unknown_session_is_retried_rather_than_decoded_and_is_no_sign_of_load() =>
        Assert.Throws<TransientException>(() => FrameSteps.Decide(new FrameCaptured { SessionId = "s" }, null, _ => throw new InvalidOperationException("asked")));

    [Theory]
    [InlineData("US", true, null)]
    [InlineData("US", false, "no consent to emotion analysis")]
    [InlineData("EU", true, "jurisdiction EU forbids emotion analysis")]
    [InlineData("Mars", true, "jurisdiction 'Mars' is unknown")]
    [InlineData("de", true, "jurisdiction de forbids emotion analysis")]
    public void Consent_and_jurisdiction_decide_on_emotion(string jurisdiction, bool consent, string? reason)
    {
        var request = FrameSteps.Decide(new FrameCaptured(), Session(jurisdiction, consent, face: true, blink: true));
        Assert.Equal(reason, request.Denials.Where(d => d.Output == FaceOutputs.Emotion).Select(d => d.Reason).SingleOrDefault());
        Assert.Equal(reason is null, request.Allowed.HasFlag(FaceOutputs.Emotion));
    }

    [Theory]
    [InlineData("US", true, false, false, FaceOutputs.Emotion)]
    [InlineData("US", false, true, false, FaceOutputs.FacePresence)]
    [InlineData("US", false, false, true, FaceOutputs.Blink)]
    [InlineData("US", false, false, false, FaceOutputs.None)]
    [InlineData("EU", true, true, true, FaceOutputs.FacePresence | FaceOutputs.Blink)]
    [InlineData("FR", true, false, false, FaceOutputs.None)]
    [InlineData("Mars", true, true, true, FaceOutputs.None)]
    public void Each_of_the_three_outputs_has_a_switch_of_its_own(string jurisdiction, bool emotion, bool face, bool blink, FaceOutputs allowed)
    {
        var session = Session(jurisdiction, emotion, face, blink);
        Assert.Equal(allowed, FrameSteps.Decide(new FrameCaptured(), session).Allowed);
        Assert.Equal(allowed, EmotionPolicy.Allowed(session));
    }

    [Fact]
    public void Repeated_and_older_sequence_numbers_are_dropped()
    {
        FrameProgress? state = null;
        var admitted = new List<long>();
        foreach (var sequence in new long[] { 1, 2, 2, 1, 3 })
        {
            (state, var outputs) = FrameSteps.Admit(state, FrameSteps.Decide(new FrameCaptured { Sequence = sequence }, Permitted));
            admitted.AddRange(outputs.SelectMany(o => o.Analyse).Select(f => f.Frame.Sequence));
        }

        Assert.Equal([1, 2, 3], admitted);
    }

    [Fact]
    public void Without_any_consent_nothing_is_analysed_or_marked_and_each_switch_is_audited_once()
    {
        var decisions = Run(Enumerable.Repeat(Session("US", false, false, false), 5), level: 5);
        var decision = Assert.Single(decisions);
        Assert.Equal(["emotion.denied", "face-presence.denied", "blink.denied"], decision.Audit.Select(a => a.Action));
        Assert.Empty(decision.Analyse);
        Assert.Empty(decision.Skipped);
    }

    [Fact]
    public void A_change_of_consent_takes_effect_on_the_next_frame_and_a_denial_that_comes_back_is_audited_again()
    {
        var off = Session("US", emotion: false, face: true, blink: true);
        var decisions = Run([Permitted, off, off, Permitted, off], level: 0);
        Assert.Equal(
            [FaceOutputs.All, FaceOutputs.FacePresence | FaceOutputs.Blink, FaceOutputs.FacePresence | FaceOutputs.Blink, FaceOutputs.All, FaceOutputs.FacePresence | FaceOutputs.Blink],
            decisions.SelectMany(d => d.Analyse).Select(t => t.Outputs));
        var audits = decisions.SelectMany(d => d.Audit).ToList();
        Assert.Equal(["s/emotion.denied/2", "s/emotion.denied/5"], audits.Select(a => a.AuditId));
    }

    [Fact]
    public void A_session_whose_denial_an_earlier_version_recorded_is_not_audited_again()
    {
        var request = FrameSteps.Decide(new FrameCaptured { SessionId = "s", Sequence = 9 }, Session("US", false, true, true));
        Assert.Empty(Assert.Single(FrameSteps.Admit(new FrameProgress { LastSequence = 8, Denied = true }, request).Outputs).Audit);
    }

    [Fact]
    public void What_must_not_be_known_is_not_kept_even_when_a_model_gives_it()
    {
        var seen = FrameSteps.KeepAllowed(new EmotionObserved
        {
            NoEmotion = true, NoFacePresence = true, NoBlink = true, FaceCount = 2, Face = new FaceBox(), Probabilities = new EmotionProbabilities { Happy = 1 }, Dominant = "happy",
            EyeOpenness = 0.3f, EyesClosed = true,
        });
        Assert.Equal(new EmotionObserved { NoEmotion = true, NoFacePresence = true, NoBlink = true }, seen);
    }

    [Fact]
    public void Recordings_wait_for_live_frames_and_late_ones_for_those_that_are_watched()
    {
        Assert.Equal(BatchPriority.Low, FrameSteps.PriorityOf(new FrameCaptured { Recorded = true, ReceivedAtMs = 100_000 }, 100_000));
        Assert.Equal(BatchPriority.High, FrameSteps.PriorityOf(new FrameCaptured { ReceivedAtMs = 100_000 }, 101_000));
        Assert.Equal(BatchPriority.Medium, FrameSteps.PriorityOf(new FrameCaptured { ReceivedAtMs = 100_000 }, 111_000));
    }

    [Fact]
    public async Task An_unreadable_image_is_poison() =>
        await Assert.ThrowsAsync<PoisonException>(async () =>
            await FrameSteps.AnalyseAsync(new BrokenModel(), new FrameTask(new FrameCaptured(), FaceOutputs.All, 0), TimeProvider.System, CancellationToken.None));

    private static List<FrameDecision> Run(IEnumerable<SessionState> sessions, int level)
    {
        FrameProgress? state = null;
        var decisions = new List<FrameDecision>();
        var sequence = 0;
        foreach (var session in sessions)
        {
            (state, var outputs) = FrameSteps.Admit(state, FrameSteps.Decide(new FrameCaptured { SessionId = "s", Sequence = ++sequence }, session, _ => level));
            decisions.AddRange(outputs);
        }

        return decisions;
    }

    private static SessionState Session(string jurisdiction, bool emotion, bool face, bool blink) =>
        new() { Jurisdiction = jurisdiction, Consents = new Consents { VideoEmotion = emotion, FacePresence = face, Blink = blink } };

    private sealed class BrokenModel : IEmotionModel
    {
        public string ModelVersion => "broken";

        public ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken) =>
            throw new UnreadableImageException("not a JPEG");
    }
}
