using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class SpeechAndAudioTests
{
    [Fact]
    public async Task Speech_is_a_wave_file_and_costs_by_character()
    {
        await using var bench = await ProviderBench.StartAsync();
        var spoken = await bench.Set.Speech.SpeakAsync("What did you measure?", "alloy", ProviderBench.Context(), TestContext.Current.CancellationToken);
        Assert.Equal("RIFF"u8.ToArray(), spoken.Wav[..4].ToArray());
        Assert.Equal((21, 21 * 15m / 1_000_000), (spoken.Cost.InputUnits, spoken.Cost.CostUsd));
    }

    [Fact]
    public async Task A_known_recording_comes_back_as_text_with_times_and_costs_by_minute()
    {
        const string clip = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav";
        Assert.SkipUnless(File.Exists(clip), "apt-get install pocketsphinx-testdata");
        await using var bench = await ProviderBench.StartAsync();
        var heard = await bench.Set.Audio.TranscribeAsync(await File.ReadAllBytesAsync(clip, TestContext.Current.CancellationToken), "en", ProviderBench.Context(), TestContext.Current.CancellationToken);
        Assert.Equal("he was not an ill disposed young man", heard.Text);
        var segment = Assert.Single(heard.Segments);
        Assert.InRange(segment.StartMs, 0, 500);
        Assert.InRange(segment.EndMs, 2_000, 2_990);
        Assert.True(segment.AverageLogProbability > -0.1);
        Assert.Equal((3, 3 * 0.006m / 60), (heard.Cost.InputUnits, heard.Cost.CostUsd));
    }

    [Fact]
    public async Task Noise_is_answered_with_low_probability()
    {
        await using var bench = await ProviderBench.StartAsync();
        var tone = await bench.Set.Speech.SpeakAsync("tone", "alloy", ProviderBench.Context(), TestContext.Current.CancellationToken);
        var heard = await bench.Set.Audio.TranscribeAsync(tone.Wav, "en", ProviderBench.Context(), TestContext.Current.CancellationToken);
        Assert.True(heard.Segments[0].AverageLogProbability < -1);
    }

    [Theory]
    [InlineData(FaultKind.ServerError, 4, ProviderFailure.Unavailable)]
    [InlineData(FaultKind.MalformedJson, 2, ProviderFailure.InvalidAnswer)]
    [InlineData(FaultKind.TruncatedJson, 2, ProviderFailure.InvalidAnswer)]
    [InlineData(FaultKind.WrongSchema, 2, ProviderFailure.InvalidAnswer)]
    [InlineData(FaultKind.Quota, 1, ProviderFailure.QuotaExhausted)]
    public async Task Failures_of_transcription_are_named(FaultKind fault, int attempts, ProviderFailure failure)
    {
        await using var bench = await ProviderBench.StartAsync();
        var tone = await bench.Set.Speech.SpeakAsync("tone", "alloy", ProviderBench.Context(), TestContext.Current.CancellationToken);
        bench.Server.Faults.Set(new Fault { Kind = fault, Endpoint = "audio" });
        var error = await Assert.ThrowsAsync<ProviderException>(() => bench.Set.Audio.TranscribeAsync(tone.Wav, "en", ProviderBench.Context(), TestContext.Current.CancellationToken));
        Assert.Equal((failure, attempts), (error.Failure, bench.Server.Requests.Count(r => r.Endpoint == "audio")));
    }

    [Theory]
    [InlineData(FaultKind.EmptyAnswer)]
    [InlineData(FaultKind.WrongSchema)]
    [InlineData(FaultKind.TruncatedJson)]
    public async Task Speech_that_is_no_wave_file_is_an_invalid_answer(FaultKind fault)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = fault });
        var error = await Assert.ThrowsAsync<ProviderException>(() => bench.Set.Speech.SpeakAsync("text", "alloy", ProviderBench.Context(), TestContext.Current.CancellationToken));
        Assert.Equal(ProviderFailure.InvalidAnswer, error.Failure);
    }

    [Fact]
    public async Task What_is_no_wave_file_is_not_sent()
    {
        await using var bench = await ProviderBench.StartAsync();
        var error = await Assert.ThrowsAsync<ProviderException>(() => bench.Set.Audio.TranscribeAsync(new byte[100], "en", ProviderBench.Context(), TestContext.Current.CancellationToken));
        Assert.Equal(ProviderFailure.Rejected, error.Failure);
        Assert.Empty(bench.Server.Requests);
    }
}
