using System.Diagnostics;
using StreamPlatform.Providers;
using StreamPlatform.Speech.Synthesis;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>Reading aloud: provider, espeak-ng, text; and what goes wrong with each.</summary>
public sealed class SynthesisTests : IDisposable
{
    private readonly VirtualTime time = new();
    private readonly string folder = Directory.CreateTempSubdirectory("synthesis-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Espeak_speaks_a_question_as_a_wav_whose_lengths_are_true()
    {
        var options = new SynthesisOptions { OfflineWaitMs = 60_000 };
        Assert.SkipUnless(EspeakSpeech.IsInstalled(options), "no espeak-ng: apt-get install espeak-ng");
        using var espeak = new EspeakSpeech(options, TimeProvider.System);
        var wav = (await espeak.SpeakAsync(Request("How would you find out why a service has become slow? -v evil; $(reboot) — na\u00EFve."), CancellationToken.None))!.Value.ToArray();
        Assert.Equal("RIFF"u8.ToArray(), wav[..4]);
        Assert.Equal(wav.Length - 8, BitConverter.ToInt32(wav, 4));
        Assert.Equal(wav.Length - 44, BitConverter.ToInt32(wav, 40));
        Assert.InRange((wav.Length - 44) / (2.0 * BitConverter.ToInt32(wav, 24)), 3, 20);
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed_at_its_time()
    {
        using var espeak = new EspeakSpeech(new() { OfflineProgram = Script("echo $$ > " + Path.Combine(folder, "pid") + "; cat > /dev/null; exec sleep 600") }, time);
        var speaking = espeak.SpeakAsync(Request("Hello there."), CancellationToken.None);
        var pidFile = Path.Combine(folder, "pid");
        var limit = Stopwatch.StartNew();
        while (!File.Exists(pidFile) || !File.ReadAllText(pidFile).EndsWith('\n'))
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), "the program never started");
            await Task.Delay(5);
        }

        Assert.False(speaking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(await speaking.WaitAsync(TimeSpan.FromSeconds(60)));
        var pid = int.Parse(File.ReadAllText(pidFile).Trim());
        while (File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z "))
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), "the program lives on");
            await Task.Delay(5);
        }
    }

    [Theory]
    [InlineData("cat > /dev/null; exit 3")]
    [InlineData("exit 1")]
    [InlineData("cat > /dev/null; echo this is no sound")]
    [InlineData("cat > /dev/null; printf 'RIFF\\044\\000\\000\\000WAVEdata\\000\\000\\000\\000'")]
    [InlineData("cat > /dev/null; exec head -c 100000000 /dev/zero")]
    public async Task A_program_that_fails_says_nothing(string script)
    {
        using var espeak = new EspeakSpeech(new() { OfflineProgram = Script(script), OfflineWaitMs = 60_000, MaxWavBytes = 64 * 1024 }, TimeProvider.System);
        Assert.Null(await espeak.SpeakAsync(Request(new string('a', 4_000)), CancellationToken.None));
    }

    [Fact]
    public async Task A_program_that_is_missing_says_nothing()
    {
        var options = new SynthesisOptions { OfflineProgram = Path.Combine(folder, "nothing") };
        Assert.False(EspeakSpeech.IsInstalled(options));
        using var espeak = new EspeakSpeech(options, TimeProvider.System);
        Assert.Null(await espeak.SpeakAsync(Request("Hello."), CancellationToken.None));
    }

    [Fact]
    public async Task Processes_at_once_are_bounded_and_the_wait_for_a_turn_counts()
    {
        using var espeak = new EspeakSpeech(new() { OfflineProgram = Script("cat > /dev/null; exec sleep 600"), MaxProcesses = 1 }, time);
        using var stop = new CancellationTokenSource();
        var first = espeak.SpeakAsync(Request("One."), stop.Token);
        var second = espeak.SpeakAsync(Request("Two."), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(await second.WaitAsync(TimeSpan.FromSeconds(60)));
        await stop.CancelAsync();
        await first.WaitAsync(TimeSpan.FromSeconds(60)).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task The_provider_speaks_first_and_its_speech_is_kept_by_text_and_voice()
    {
        var provider = new FakeSpeech(_ => Task.FromResult(Wav(1_000)));
        using var ladder = Ladder(provider, new FakeEngine("espeak-ng", Wav(10)));
        var spoken = await ladder.SpeakAsync(Request("Hello\nthere."), CancellationToken.None);
        Assert.Equal(("provider", 1_044), (spoken!.Engine, spoken.Wav.Length));
        await ladder.SpeakAsync(Request("Hello there."), CancellationToken.None);
        Assert.Equal(1, provider.Calls);
        await ladder.SpeakAsync(Request("Hello there.") with { Voice = "echo" }, CancellationToken.None);
        Assert.Equal(["alloy", "echo"], provider.Voices);
        time.Advance(TimeSpan.FromHours(1));
        await ladder.SpeakAsync(Request("Hello there."), CancellationToken.None);
        Assert.Equal(3, provider.Calls);
    }

    [Theory]
    [InlineData(ProviderFailure.BreakerOpen)]
    [InlineData(ProviderFailure.BudgetExhausted)]
    [InlineData(ProviderFailure.QuotaExhausted)]
    public async Task When_the_provider_fails_espeak_speaks_for_a_minute_before_it_is_asked_again(ProviderFailure failure)
    {
        var fails = true;
        var provider = new FakeSpeech(_ => fails ? throw new ProviderException(failure, "no") : Task.FromResult(Wav(100)));
        using var ladder = Ladder(provider, new FakeEngine("espeak-ng", Wav(10)));
        Assert.Equal("espeak-ng", (await ladder.SpeakAsync(Request("Hello."), CancellationToken.None))!.Engine);
        fails = false;
        Assert.Equal("espeak-ng", (await ladder.SpeakAsync(Request("Hello."), CancellationToken.None))!.Engine);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("provider", (await ladder.SpeakAsync(Request("Hello."), CancellationToken.None))!.Engine);
    }

    [Fact]
    public async Task A_provider_that_hangs_or_sends_no_sound_costs_its_wait_and_then_the_text_must_do()
    {
        var provider = new FakeSpeech(_ => new TaskCompletionSource<ReadOnlyMemory<byte>>().Task);
        using var ladder = Ladder(provider);
        var speaking = ladder.SpeakAsync(Request("Hello."), CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(3_000));
        Assert.Null(await speaking.WaitAsync(TimeSpan.FromSeconds(60)));
        using var noise = Ladder(new FakeSpeech(_ => Task.FromResult<ReadOnlyMemory<byte>>("{\"error\":\"no\"}"u8.ToArray())));
        Assert.Null(await noise.SpeakAsync(Request("Hello."), CancellationToken.None));
        Assert.Null(await noise.SpeakAsync(Request(" \n "), CancellationToken.None));
    }

    [Fact]
    public async Task Kept_speech_is_bounded_in_bytes()
    {
        var provider = new FakeSpeech(_ => Task.FromResult(Wav(40_000)));
        using var ladder = new LadderSynthesizer([new ProviderSpeech(provider, new(), time)], new() { CacheBytes = 100_000 }, time);
        foreach (var text in new[] { "one", "two", "three", "one" })
        {
            await ladder.SpeakAsync(Request(text), CancellationToken.None);
        }

        Assert.Equal(4, provider.Calls);
        await ladder.SpeakAsync(Request("three"), CancellationToken.None);
        Assert.Equal(4, provider.Calls);
    }

    [Fact]
    public void Text_for_engines_has_no_control_characters_no_phonemes_and_an_end()
    {
        Assert.Equal("How  do you test? (  x  )", SpeechText.Plain("How\n\ado you test? ([[x]])\n"));
        Assert.Equal(4_096, SpeechText.Plain(new string('a', 100_000)).Length);
    }

    private static SpeechRequest Request(string text) => new("t", "s", text);

    private static ReadOnlyMemory<byte> Wav(int bytes)
    {
        var wav = new byte[44 + bytes];
        "RIFF"u8.CopyTo(wav);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        wav[16] = 16;
        "data"u8.CopyTo(wav.AsSpan(36));
        return wav;
    }

    private LadderSynthesizer Ladder(FakeSpeech provider, params ISpeechEngine[] others) =>
        new([new ProviderSpeech(provider, new(), time), .. others], new(), time);

    private string Script(string body)
    {
        var path = Path.Combine(folder, "program");
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private sealed class FakeEngine(string name, ReadOnlyMemory<byte> wav) : ISpeechEngine
    {
        public string Name => name;

        public Task<ReadOnlyMemory<byte>?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken) => Task.FromResult<ReadOnlyMemory<byte>?>(wav);
    }

    private sealed class FakeSpeech(Func<string, Task<ReadOnlyMemory<byte>>> speak) : ISpeechProvider
    {
        public int Calls => Voices.Count;

        public List<string> Voices { get; } = [];

        public async Task<SpokenText> SpeakAsync(string text, string voice, CallContext context, CancellationToken cancellationToken)
        {
            Voices.Add(voice);
            return new(await speak(text).WaitAsync(cancellationToken), new("tts", text.Length, 0, 0, false));
        }
    }
}
