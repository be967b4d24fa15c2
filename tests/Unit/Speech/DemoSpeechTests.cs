using System.Text.Json;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech;
using StreamPlatform.Tests.Unit.House;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Questions;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The demo's spoken answers as the platform hears them: clips joined by pauses, segmented, recognised.</summary>
public sealed class DemoSpeechTests
{
    private static readonly JsonElement Demo = JsonDocument.Parse(File.ReadAllText(Repository.File("services/Cli/Demo/demo.json"))).RootElement;

    [Fact]
    public void The_demo_plays_the_banks_demo_questions_and_says_what_they_show()
    {
        JsonElement[] questions = [.. Demo.GetProperty("questions").EnumerateArray()];
        Assert.Equal(QuestionBank.DemoIds, questions.Select(question => question.GetProperty("id").GetString()));
        foreach (JsonElement played in questions)
        {
            Question question = QuestionBank.Default.Get(played.GetProperty("id").GetString()!);
            if (question.Kind == AnswerKind.Spoken)
            {
                Assert.NotEqual(0, played.GetProperty("clips").GetArrayLength());
                Assert.Equal(WordErrorRate.Words(question.Passage), WordErrorRate.Words(played.GetProperty("text").GetString()!));
            }
            else
            {
                Assert.NotEqual("", played.GetProperty("answer").GetString());
            }
        }
    }

    [Theory]
    [InlineData("read-passage-1", 0.40)]
    [InlineData("read-passage-2", 0.30)]
    public async Task A_passage_is_understood_about_as_well_as_its_clips(string id, double most)
    {
        LibriVoxClips.SkipWhereMissing();
        JsonElement played = Demo.GetProperty("questions").EnumerateArray().Single(question => question.GetProperty("id").GetString() == id);
        Dictionary<string, byte[]> clips = LibriVoxClips.All().ToDictionary(clip => clip.Name + ".wav", clip => clip.Pcm16);
        byte[] pause = new byte[Demo.GetProperty("pauseBetweenClipsMs").GetInt32() * 32];
        byte[] pcm = [.. played.GetProperty("clips").EnumerateArray().SelectMany(clip => clips[clip.GetString()!].Concat(pause))];

        SpeechSegmenter segmenter = new(new EnergyVoiceActivityDetector(), new SegmenterOptions());
        SegmenterResult fed = segmenter.Feed(SegmenterState.Start, pcm);
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        List<string> texts = [];
        foreach (SpeechSegment segment in fed.Closed.Concat(segmenter.Finish(fed.State).Closed).Where(segment => segment.SpeechSamples > 0))
        {
            Range bytes = (int)(segment.StartSample * 2)..(int)(segment.EndSample * 2);
            RecognizedSpeech speech = await recognizer.RecognizeAsync(pcm.AsMemory()[bytes], TestContext.Current.CancellationToken);
            texts.Add(speech.Text);
        }
        double rate = WordErrorRate.Between(played.GetProperty("text").GetString()!, string.Join(' ', texts));
        TestContext.Current.SendDiagnosticMessage($"{id}: {pcm.Length / 32_000.0:F1} s, {texts.Count} segments, word error rate {rate:F3}");
        Assert.InRange(rate, 0.01, most);
    }
}
