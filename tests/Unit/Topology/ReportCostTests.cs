using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>What an interview cost, in its report: every AI call of the session, by what it was for.</summary>
public sealed class ReportCostTests : IDisposable
{
    private const string Session = "session-1";
    private static readonly PlainSerdes Events = new();

    private readonly TopologyTestDriver driver = new(InterviewTopology.BuildReports(Events, new ReportOptions()));

    public void Dispose() => driver.Dispose();

    [Fact]
    public void The_total_is_over_all_tasks_and_says_what_each_cost()
    {
        Call("question", 0.001);
        Call("question", 0.002);
        Start();
        Call("follow-up", 0.004);
        Call("speak", 0.008);
        Call("transcribe", 0.016);
        Call("score", 0.032);
        Call("score", 0); // from the cache
        var report = Finish();
        Assert.Equal(
            [("follow-ups", 0.004, 1), ("questions", 0.003, 2), ("scoring", 0.032, 1), ("speech", 0.008, 1), ("transcription", 0.016, 1)],
            report.Costs.Select(c => (c.Part, Math.Round(c.Usd, 9), c.Calls)));
        Assert.Equal(0.063, report.CostUsd, 9);
    }

    [Fact]
    public void A_cost_that_comes_after_the_report_is_in_a_revision_when_the_session_falls_silent_and_leaves_it_complete()
    {
        Start();
        Finish();
        Call("follow-up", 0.01);
        Call("follow-up", 0.01);
        Assert.Empty(Read());
        driver.Advance(TimeSpan.FromMinutes(3));
        var revised = Assert.Single(Read());
        Assert.Equal((2, false, "late costs arrived", 0.02), (revised.Revision, revised.Partial, revised.RevisionReason, Math.Round(revised.CostUsd, 9)));
        driver.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Read());
    }

    [Fact]
    public void A_late_cost_is_in_the_revision_that_something_else_makes_and_makes_none_of_its_own()
    {
        Start();
        Finish();
        Call("score", 0.01);
        Score(80, revision: 1, usd: 0.01);
        Assert.Equal((2, 0.01), (Read().Single() is var r ? r.Revision : 0, Math.Round(r.CostUsd, 9)));
        driver.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Read());
    }

    [Fact]
    public void What_scores_say_was_paid_stands_in_for_events_that_were_lost()
    {
        Start();
        Score(80, revision: 0, usd: 0.05);
        var report = Complete();
        Assert.Equal([("scoring", 0.05, 1)], report.Costs.Select(c => (c.Part, c.Usd, c.Calls)));
    }

    [Fact]
    public void Calls_of_no_interview_are_no_ones_and_tasks_without_end_stay_bounded()
    {
        driver.Pipe(Topics.AiCosts, "call-1", new AiCallEnded { Task = "resume", CostUsd = 1 }, Serdes.Utf8, Events.For<AiCallEnded>());
        Start();
        for (var i = 0; i < 100; i++)
        {
            Call($"task-{i}", 0.01);
        }

        var report = Finish();
        Assert.Equal(16, report.Costs.Count);
        Assert.Equal(1, report.CostUsd, 9);
    }

    private void Start() => Pipe(Topics.Events, new SessionEvent { Tenant = "t", AtMs = driver.NowMs, Started = new SessionStarted { CandidateId = "c" } });

    private InterviewReport Finish()
    {
        Score(70, revision: 0, usd: 0);
        return Complete();
    }

    private InterviewReport Complete()
    {
        Pipe(Topics.Events, new SessionEvent { Tenant = "t", AtMs = driver.NowMs, Completed = new SessionCompleted { AnswersSubmitted = 1 } });
        return Assert.Single(Read());
    }

    private void Call(string task, double usd) =>
        Pipe(Topics.AiCosts, new AiCallEnded { CallId = Guid.NewGuid().ToString("N"), SessionId = Session, Task = task, CostUsd = usd, EndedAtMs = driver.NowMs });

    private void Score(float technical, int revision, double usd) =>
        Pipe(Topics.Scores, new AnswerScored { QuestionIndex = 0, Technical = technical, Revision = revision, CostUsd = usd });

    private void Pipe<T>(string topic, T value) where T : class, IMessage<T>, new() => driver.Pipe(topic, Session, value, Serdes.Utf8, Events.For<T>());

    private List<InterviewReport> Read() => [.. driver.Read(Topics.Reports, Serdes.Utf8, Events.For<InterviewReport>()).Select(r => r.Value!)];

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
