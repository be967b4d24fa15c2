using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class FrameStepsTests
{
    private static readonly SessionState Permitted = new() { Jurisdiction = "US", Consents = new Consents { VideoEmotion = true } };

    [Fact]
    public void A_frame_of_an_unknown_session_is_retried_rather_than_decoded() =>
        Assert.Throws<TransientException>(() => FrameSteps.Decide(new FrameCaptured { SessionId = "s" }, null));

    [Theory]
    [InlineData("US", true, null)]
    [InlineData("US", false, "no consent to emotion analysis")]
    [InlineData("EU", true, "jurisdiction EU forbids emotion analysis")]
    [InlineData("Mars", true, "jurisdiction 'Mars' is unknown")]
    [InlineData("de", true, "jurisdiction de forbids emotion analysis")]
    public void Consent_and_jurisdiction_decide(string jurisdiction, bool consent, string? reason)
    {
        var session = new SessionState { Jurisdiction = jurisdiction, Consents = new Consents { VideoEmotion = consent } };
        Assert.Equal(reason, FrameSteps.Decide(new FrameCaptured(), session).DenialReason);
    }

    [Fact]
    public void Repeated_and_older_sequence_numbers_are_dropped()
    {
        FrameProgress? state = null;
        var admitted = new List<long>();
        foreach (var sequence in new long[] { 1, 2, 2, 1, 3 })
        {
            (state, var outputs) = FrameSteps.Admit(state, FrameSteps.Decide(new FrameCaptured { Sequence = sequence }, Permitted));
            admitted.AddRange(outputs.SelectMany(o => o.Analyse).Select(f => f.Sequence));
        }

        Assert.Equal([1, 2, 3], admitted);
    }

    [Fact]
    public void Without_consent_nothing_is_analysed_and_one_denial_is_audited()
    {
        FrameProgress? state = null;
        var decisions = new List<FrameDecision>();
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            (state, var outputs) = FrameSteps.Admit(state, FrameSteps.Decide(new FrameCaptured { SessionId = "s", Sequence = sequence }, new SessionState { Jurisdiction = "US" }));
            decisions.AddRange(outputs);
        }

        var decision = Assert.Single(decisions);
        Assert.Equal("emotion.denied", Assert.Single(decision.Audit).Action);
        Assert.Empty(decision.Analyse);
    }

    [Fact]
    public async Task An_unreadable_image_is_poison() =>
        await Assert.ThrowsAsync<PoisonException>(async () =>
            await FrameSteps.AnalyseAsync(new BrokenModel(), new FrameCaptured(), TimeProvider.System, CancellationToken.None));

    private sealed class BrokenModel : IEmotionModel
    {
        public string ModelVersion => "broken";

        public ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, CancellationToken cancellationToken) =>
            throw new UnreadableImageException("not a JPEG");
    }
}
