using System.Globalization;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.House;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>The formulas are those of docs/report.md: its examples are evaluated.</summary>
public sealed class ReportFormulasTests
{
    private static readonly string[] Formulas = ["emotion", "face", "talk", "pace", "behaviour", "overall"];

    [Fact]
    public void Every_example_of_the_guide_is_what_the_formulas_give()
    {
        var examples = Examples();
        Assert.All(Formulas, formula => Assert.True(examples.Count(e => e.Formula == formula) >= 2, $"docs/report.md has fewer than two examples of {formula}"));
        Assert.All(examples, e =>
        {
            var result = Evaluate(e.Formula, e.Inputs);
            Assert.True(e.Result == "not known" ? result is null : Math.Abs(result!.Value - float.Parse(e.Result, CultureInfo.InvariantCulture)) < 0.051, $"{e}: {result}");
        });
    }

    [Fact]
    public void Every_result_stays_within_0_to_100()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            Assert.InRange(ReportFormulas.Emotion(new EmotionProbabilities { Happy = random.NextSingle() * 2, Neutral = random.NextSingle() })!.Value, 0, 100);
            Assert.InRange(ReportFormulas.Pace(1 + (random.NextSingle() * 900)) ?? 0, 0, 100);
            Assert.InRange(ReportFormulas.Talk(random.Next(20_000), 1 + random.Next(10_000))!.Value, 0, 100);
            Assert.InRange(ReportFormulas.Overall(Any(random) ?? 0, Any(random) ?? 0, Any(random), ReportFormulas.Behaviour(Any(random), Any(random), Any(random))), 0, 100.001f);
        }
    }

    [Fact]
    public void Nothing_known_is_not_known() => Assert.Null(ReportFormulas.Behaviour(null, null, null));

    private static float? Any(Random random) => random.Next(3) == 0 ? null : random.NextSingle() * 100;

    private static float? Evaluate(string formula, Dictionary<string, float> given)
    {
        float Of(string name) => given.GetValueOrDefault(name);
        float? Maybe(string name) => given.TryGetValue(name, out var value) ? value : null;
        return formula switch
        {
            "emotion" => ReportFormulas.Emotion(given.Count == 0 ? null : new EmotionProbabilities
            {
                Angry = Of("angry"), Disgust = Of("disgust"), Fear = Of("fear"), Happy = Of("happy"), Sad = Of("sad"), Surprise = Of("surprise"), Neutral = Of("neutral"),
            }),
            "face" => ReportFormulas.Face((int)Of("frames"), (int)Of("withFace")),
            "talk" => ReportFormulas.Talk((long)Of("speechMs"), (long)Of("audioMs")),
            "pace" => ReportFormulas.Pace(Of("wordsPerMinute")),
            "behaviour" => ReportFormulas.Behaviour(Maybe("face"), Maybe("talk"), Maybe("pace")),
            "overall" => ReportFormulas.Overall(Of("technical"), Of("communication"), Maybe("emotion"), Maybe("behaviour")),
            _ => throw new InvalidOperationException($"docs/report.md has an example of {formula}, which is no formula"),
        };
    }

    // Rows of the table below "## Examples": | formula | name=value ... | result |
    private static List<(string Formula, Dictionary<string, float> Inputs, string Result)> Examples() =>
    [
        .. File.ReadLines(Repository.File("docs/report.md")).SkipWhile(l => l != "## Examples").Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (
                cells[1],
                cells[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(i => i.Contains('=')).ToDictionary(i => i.Split('=')[0], i => float.Parse(i.Split('=')[1], CultureInfo.InvariantCulture)),
                cells[3])),
    ];
}
