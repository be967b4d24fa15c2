using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech;
using StreamPlatform.Speech.Opus;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The five clips of pocketsphinx-testdata through the whole path: chunks, voice activity, segments, recognition, transcript. The figures of docs/transcription.md.</summary>
public sealed class TranscriptionAccuracyTests
{
    private static readonly PlainSerdes Events = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PCM16", 0.34)]
    [InlineData("Opus 24 kbit/s", 0.38)]
    [InlineData("Opus of the browser", 0.38)]
    public async Task Five_clips_are_understood_through_the_whole_path(string coding, double most)
    {
        LibriVoxClips.SkipWhereMissing();
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        if (coding != "PCM16")
        {
            OpusClips.SkipWhereMissing();
        }

        Func<LibriVoxClips.Clip, Task<IEnumerable<AudioChunk>>> chunked = clip => Task.FromResult(Plain(clip));
        if (coding == "Opus 24 kbit/s")
        {
            chunked = CodedAsync;
        }
        else if (coding == "Opus of the browser")
        {
            BrowserOpus.SkipWhereMissing();
            var messages = await BrowserOpus.EncodeAsync(LibriVoxClips.All(), Cancel);
            chunked = clip => Task.FromResult(OfTheBrowser(clip, messages[clip.Name]));
        }

        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        FailoverRecognizer engines = new(null, recognizer, new FailoverOptions(), TimeProvider.System, NullLogger<FailoverRecognizer>.Instance);
        using TopologyTestDriver driver = new(InterviewTopology.BuildTranscription(
            Events, engines, new SpeechSegmenter(silero, new SegmenterOptions { InterimMs = 0 }), coding == "PCM16" ? null : new OpusDecoder()));
        int errors = 0, words = 0;
        double seconds = 0, talkMs = 0, bytes = 0;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (LibriVoxClips.Clip clip in LibriVoxClips.All())
        {
            driver.Pipe(Topics.Sessions, clip.Name, new SessionState { SessionId = clip.Name, Consents = new() { AudioTranscription = true } }, Serdes.Utf8, Events.For<SessionState>());
            foreach (AudioChunk chunk in await chunked(clip))
            {
                bytes += chunk.Data.Length;
                driver.Pipe(Topics.Audio, clip.Name, chunk, Serdes.Utf8, Events.For<AudioChunk>());
            }
            TranscriptCompleted done = driver.Read(Topics.Transcripts, Serdes.Utf8, Events.For<Transcript>()).Select(r => r.Value!.Completed).Single(t => t is not null);
            string[] expected = WordErrorRate.Words(clip.Text);
            errors += WordErrorRate.Distance(expected, WordErrorRate.Words(done.Text));
            words += expected.Length;
            seconds += clip.Seconds;
            talkMs += done.Features.TalkMs;
            TestContext.Current.SendDiagnosticMessage(
                $"{clip.Name}: confidence {done.Confidence:F2}{(done.NeedsCorrection ? " (to correct)" : "")}, {done.Features.WordsPerMinute:F0} words/min, {done.Features.Pauses} pauses: {done.Text}");
        }
        TestContext.Current.SendDiagnosticMessage(
            $"{coding}: word error rate {(double)errors / words:F3} ({errors} of {words}), {bytes * 8 / 1000 / seconds:F0} kbit/s, {talkMs / 1000:F1} s of speech found in {seconds:F1} s, real-time factor {watch.Elapsed.TotalSeconds / seconds:F2}");
        Assert.InRange((double)errors / words, 0.01, most);
    }

    private static IEnumerable<AudioChunk> Plain(LibriVoxClips.Clip clip)
    {
        byte[][] chunks = [.. clip.Pcm16.Chunk(8_000)];
        return chunks.Select((data, i) => Chunk(clip, AudioCodec.Pcm16, data, i, i == chunks.Length - 1));
    }

    private static async Task<IEnumerable<AudioChunk>> CodedAsync(LibriVoxClips.Clip clip)
    {
        byte[][][] chunks = [.. (await OpusClips.EncodeAsync(clip.Pcm16, "24k", Cancel)).Chunk(12)];
        return chunks.Select((packets, i) => Chunk(clip, AudioCodec.Opus, OpusPackets.Write(packets.Select(p => new ReadOnlyMemory<byte>(p))), i, i == chunks.Length - 1));
    }

    private static IEnumerable<AudioChunk> OfTheBrowser(LibriVoxClips.Clip clip, BrowserOpus.Message[] messages)
    {
        Assert.Equal(messages.Length - 1, messages.Count(message => message.Opus && !message.Last)); // all but the empty end
        return messages.Select((message, i) => Chunk(clip, message.Opus ? AudioCodec.Opus : AudioCodec.Pcm16, message.Data, i, message.Last));
    }

    private static AudioChunk Chunk(LibriVoxClips.Clip clip, AudioCodec codec, byte[] data, int index, bool last) => new()
    {
        SessionId = clip.Name, Sequence = index + 1, Codec = codec, SampleRateHz = 16_000, Data = ByteString.CopyFrom(data), EndOfAnswer = last, Question = new Question { Id = "q" },
    };

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
