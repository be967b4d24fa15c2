using StreamPlatform.LanguageModels.Questions;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Questions;

/// <summary>
/// The part of generation calls that the cache saves (R-02: 60 to 80 %) on a seeded mix: 200 positions by Zipf's law (exponent 1), seniority 20/50/30 %, three questions per
/// interview of which the second draws on the resume where there is one. The first hour warms up, the next three count.
/// </summary>
public sealed class QuestionMixTests(ITestOutputHelper output)
{
    private const int Positions = 200;
    private const int QuestionsPerInterview = 3;
    private static readonly string[] Levels = ["junior", "mid", "senior"];

    [Theory]
    [InlineData(200, 0.4, 1, 0)]
    [InlineData(500, 0.4, 1, 0.60)]
    [InlineData(1_000, 0.4, 1, 0.60)]
    [InlineData(2_000, 0.4, 1, 0.60)]
    [InlineData(500, 0.0, 1, 0.60)]
    [InlineData(500, 0.8, 1, 0)]
    [InlineData(1_000, 0.4, 2, 0)]
    [InlineData(6_000, 0.4, 4, 0)]
    public async Task Generation_calls_saved_on_a_realistic_mix(int sessionsPerHour, double withResume, int variants, double atLeast)
    {
        var time = new VirtualTime();
        var chat = new FakeChat((_, number) => FakeChat.Question($"How would you handle the situation that has number {number} in the plan?"));
        using var writer = new ModelQuestionWriter(chat, new(), new NoTier(), time);
        var random = new Random(20260101);
        var cumulative = Cumulative();
        int asked = 0, callsBefore = 0, sessions = 4 * sessionsPerHour;
        for (var session = 0; session < sessions; session++)
        {
            if (session == sessionsPerHour)
            {
                (asked, callsBefore) = (0, chat.Calls);
            }

            time.Advance(TimeSpan.FromHours(-Math.Log(1 - random.NextDouble()) / sessionsPerHour)); // arrivals of a Poisson process
            var position = Position(cumulative, random);
            var pick = random.NextDouble();
            var level = Levels[pick < 0.2 ? 0 : pick < 0.7 ? 1 : 2];
            var resume = random.NextDouble() < withResume ? $"resume of candidate {session}" : "";
            var variant = random.Next(variants);
            for (var slot = 0; slot < QuestionsPerInterview; slot++)
            {
                asked++;
                var brief = new QuestionBrief("t", $"s{session}", $"Position {position}", level, slot % 3 == 1 ? resume : "", slot, variant);
                Assert.NotNull((await writer.WriteAsync(brief, CancellationToken.None)).Question);
            }
        }

        var calls = chat.Calls - callsBefore;
        var saved = 1 - (double)calls / asked;
        output.WriteLine($"{sessionsPerHour} sessions/h, {withResume:P0} with a resume, {variants} variant(s): {asked} questions, {calls} calls, {saved:P1} saved");
        Assert.True(saved >= atLeast, $"{saved:P1} of the calls were saved");
    }

    private static int Position(double[] cumulative, Random random)
    {
        var pick = random.NextDouble() * cumulative[^1];
        return Array.FindIndex(cumulative, each => each >= pick);
    }

    private static double[] Cumulative()
    {
        double sum = 0;
        return [.. Enumerable.Range(1, Positions).Select(rank => sum += 1.0 / rank)];
    }
}
