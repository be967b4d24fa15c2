using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>From a failing component to the candidate's page, and back.</summary>
public sealed class LadderMonitorTests
{
    [Fact]
    public async Task A_change_is_published_audited_stored_and_announced_down_and_up()
    {
        await using var gateway = await GatewayHarness.StartAsync(ladder: new() { DownAfterMs = 0, UpAfterMs = 1_000, TickMs = 50 });
        await using var client = await gateway.StartInterviewAsync("spoken-1", "typed-1");
        var board = gateway.Services.GetRequiredService<SignalBoard>();
        board.Report(LadderComponent.Recogniser, false);
        board.Report(LadderComponent.Recogniser, false);

        var down = await client.ExpectAsync("level");
        Assert.Equal((3, "full", "speech is not recognised"), (down.GetProperty("level").GetInt32(), down.GetProperty("media").GetString(), down.GetProperty("reason").GetString()));
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = "Typed, for speech does not work." });
        await client.ExpectAsync("question");
        board.Report(LadderComponent.Recogniser, true);
        Assert.Equal(0, (await client.ExpectAsync("level")).GetProperty("level").GetInt32());

        var changes = gateway.Log.Of<SessionEvent>(Topics.Events).Where(e => e.LevelChanged is not null).Select(e => (e.LevelChanged.FromLevel, e.LevelChanged.ToLevel)).ToList();
        Assert.Equal([(0, 3), (3, 0)], changes);
        Assert.Equal(["level.0-3", "level.3-0"], gateway.Log.Of<AuditEvent>(Topics.Audit).Select(a => a.Action));
        Assert.Equal([3, 0], gateway.Log.Of<SessionState>(Topics.Sessions).Select(s => s.DegradationLevel).SkipWhile(l => l == 0).Distinct());
        var answer = Assert.Single(gateway.Log.Of<AnswerSubmitted>(Topics.Answers));
        Assert.Equal(AnswerKind.Typed, answer.Kind);
        Assert.Equal(LadderLevel.FullAi, gateway.Services.GetRequiredService<LadderMonitor>().Current.CurrentLevel);
    }

    [Fact]
    public async Task Scores_that_could_not_be_asked_for_lead_to_scoring_by_people()
    {
        await using var gateway = await GatewayHarness.StartAsync(ladder: new() { DownAfterMs = 0, UpAfterMs = 600_000, TickMs = 50 });
        await using var client = await gateway.StartInterviewAsync("typed-1");
        for (var i = 0; i < 2; i++)
        {
            await gateway.Log.WriteAsync(new(Topics.Scores, "s", "t", $"{i}", 0, "", new AnswerScored { AnswerId = $"s/{i}", SessionId = "s", Flags = { "provider-failed:BreakerOpen" } }));
        }

        Assert.Equal(1, (await client.ExpectAsync("level")).GetProperty("level").GetInt32());
    }
}
