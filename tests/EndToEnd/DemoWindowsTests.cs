using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The demo's emotion windows beside what the TensorFlow.js reference saw in the three persons.</summary>
public sealed class DemoWindowsTests(DemoFixture demo)
{
    // The view wanders, so a window's mean depends on the stretch of the path it caught. Over every stretch of the three persons' paths the means
    // lie within 0.06 of the reference's for 20 frames and within 0.10 for 10 frames; the frame at the change from one person to the next moves
    // 1/20 of a window by at most 0.9. Together at most 0.15. Of fewer frames one alone can move the mean by more: they say nothing.
    private const double Tolerance = 0.15;
    private const int EnoughFrames = 10;

    [Fact]
    public async Task Every_window_shows_what_the_reference_saw_in_those_who_were_on_camera()
    {
        var shares = await SharesAsync();
        Assert.True(Windows().Count() >= 2, "an interview of more than 30 s fills at least two windows");
        Assert.All(Windows(), window =>
        {
            var expected = PersonShares.Mix(shares.Of(window));
            Assert.All(expected, m => Assert.Equal(m.Value, Mean(window, m.Key), Tolerance));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_persons_dominant_emotion_is_the_references(int person)
    {
        var shares = await SharesAsync();
        var window = Windows().MaxBy(w => shares.Of(w)[person])!;
        var share = shares.Of(window);
        Assert.True(share[person] > 0.3, $"the person is on camera for at least 10 s, yet in no window of {EnoughFrames} frames for a third of its time: {share[person]}");

        // What the others contributed, by the reference, is taken out: what remains is this person's own mean.
        var others = PersonShares.Mix([.. share.Select((s, i) => i == person ? 0 : s)]);
        var own = DemoOutcome.Classes.MaxBy(c => Mean(window, c) - others[c]);
        Assert.Equal(ExpectedWindow.Of(DemoMaterialLoader.People[person]).Dominant, own);
        if (share[person] > 0.99)
        {
            Assert.Equal(own, window["dominant"]!.GetValue<string>());
        }
    }

    private IEnumerable<JsonNode> Windows() => demo.Outcome["emotion"]!["windows"]!.AsArray().Select(w => w!).Where(w => w["frames"]!.GetValue<double>() >= EnoughFrames);

    private async Task<PersonShares> SharesAsync() =>
        new(JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, $"/api/sessions/{demo.SessionId}/results")))!.AsObject());

    private static double Mean(JsonNode window, string emotion) => window["mean"]![emotion]!.GetValue<double>();
}
