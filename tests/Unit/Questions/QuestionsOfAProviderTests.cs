using System.Diagnostics;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.LanguageModels.Questions;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech.Synthesis;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.Unit.Providers;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.Questions;

/// <summary>Questions and speech through the real client of an OpenAI-compatible server that goes wrong on command.</summary>
public sealed class QuestionsOfAProviderTests
{
    [Fact]
    public async Task A_question_is_written_by_the_cheap_model_with_its_schema()
    {
        await using var bench = await ProviderBench.StartAsync(TimeProvider.System);
        using var writer = new ModelQuestionWriter(bench.Set.Chat, new(), new NoTier(), TimeProvider.System);
        var (next, outcome) = await Questions(writer).AtAsync(State(), 0, CancellationToken.None);
        Assert.Equal(("generated", QuestionOutcomes.Generated), (next.Origin, outcome));
        Assert.InRange(next.Question.KeyPoints.Count, 2, 8);
        Assert.EndsWith(" questions-2", next.Question.Source);
    }

    [Theory]
    [InlineData(FaultKind.Hang)]
    [InlineData(FaultKind.SlowStream)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.RateLimit)]
    [InlineData(FaultKind.Quota)]
    [InlineData(FaultKind.MalformedJson)]
    [InlineData(FaultKind.TruncatedJson)]
    [InlineData(FaultKind.WrongSchema)]
    [InlineData(FaultKind.EmptyAnswer)]
    [InlineData(FaultKind.Disconnect)]
    [InlineData(FaultKind.Unauthorized)]
    public async Task Whatever_goes_wrong_the_next_question_is_there_within_two_seconds(FaultKind fault)
    {
        await using var bench = await ProviderBench.StartAsync(TimeProvider.System);
        bench.Server.Faults.Set(new Fault { Kind = fault });
        using var writer = new ModelQuestionWriter(bench.Set.Chat, new(), new NoTier(), TimeProvider.System);
        var state = State();
        state.QuestionIndex = 1;
        state.Plan.FollowUps = 1;
        var started = Stopwatch.GetTimestamp();
        var (next, _) = await Questions(writer).AfterAsync(state, "We keep the response of each request under a key that the client chooses.", CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started);
        Assert.Equal("bank-follow-up", next!.Origin);
        TestContext.Current.TestOutputHelper?.WriteLine($"{fault}: {elapsed.TotalMilliseconds:N0} ms");
        Assert.True(elapsed < TimeSpan.FromSeconds(2.5), $"it took {elapsed}"); // half a second for a busy machine: the clock of the tests beside it is simulated
    }

    [Theory]
    [InlineData(FaultKind.None, "provider")]
    [InlineData(FaultKind.ServerError, "espeak-ng")]
    [InlineData(FaultKind.Quota, "espeak-ng")]
    [InlineData(FaultKind.WrongSchema, "espeak-ng")]
    public async Task Speech_comes_from_the_provider_or_else_from_espeak(FaultKind fault, string engine)
    {
        var options = new SynthesisOptions { OfflineWaitMs = 60_000 };
        Assert.SkipUnless(EspeakSpeech.IsInstalled(options), "no espeak-ng: apt-get install espeak-ng");
        await using var bench = await ProviderBench.StartAsync(TimeProvider.System);
        bench.Server.Faults.Set(new Fault { Kind = fault });
        using var voice = new LadderSynthesizer(
            [new ProviderSpeech(bench.Set.Speech, options, TimeProvider.System), new EspeakSpeech(options, TimeProvider.System)], options, TimeProvider.System);
        Assert.Equal(engine, (await voice.SpeakAsync(new("t", "s", "How do you test a service?"), CancellationToken.None))!.Engine);
    }

    private static InterviewQuestions Questions(IQuestionWriter writer) => new(writer, new BankQuestions(QuestionBank.Default), new GatewayOptions(), TimeProvider.System);

    private static SessionState State() => new()
    {
        SessionId = "s", Tenant = "t", Position = "Backend Engineer", Plan = new() { Generated = true }, Questions = { QuestionBank.Default.Select(["caching", "estimate"]) },
    };
}
