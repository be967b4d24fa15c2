using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Media.Answers;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Media.Vault;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>The sound of answers, from chunks to objects with rows: with consent only, once, whatever ends the process in between, and within its bounds.</summary>
public sealed class AnswerRecorderTests(PostgresFixture postgres) : MigratedDatabase(postgres), IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answers-").FullName;
    private readonly VirtualTime time = new();
    private readonly MediaRetention retention = new();
    private readonly RecordingOptions options = new();
    private readonly DerivedMediaKeys keys = new(new byte[32]);
    private readonly List<AudioChunk> log = [];

    private DirectoryObjectStore Objects => new(folder, 64 << 20, time);

    private PostgresMediaCatalog Catalog => new(Database);

    [Fact]
    public async Task Each_answer_becomes_one_wave_file_of_its_chunks()
    {
        Say("s1", 0, 3);
        Say("s2", 0, 2);
        Say("s1", 1, 2);
        await RunAsync();
        var kept = (await Catalog.OfSessionAsync("s1", Cancel)).OrderBy(k => k.Part!.FirstSequence).ToList();
        Assert.Equal([new AnswerPart(0, 1, 3, 1_500), new AnswerPart(1, 4, 5, 1_000)], kept.Select(k => k.Part));
        Assert.All(kept, k => Assert.Equal((MediaKinds.Answer, "candidate-s1", "audio/wav"), (k.Kind, k.CandidateId, k.ContentType)));
        Assert.Equal(["answer-1.wav", "answer-2.wav"], kept.Select(k => k.Name));
        Assert.Single(await Catalog.OfSessionAsync("s2", Cancel));
        var wave = await ReadAsync(kept[0]);
        Assert.Equal(("RIFF", "WAVEfmt ", "data"), (Text(wave, 0, 4), Text(wave, 8, 8), Text(wave, 36, 4)));
        Assert.Equal((wave.Length - 8, 16_000, wave.Length - 44), (Number(wave, 4), Number(wave, 24), Number(wave, 40)));
        Assert.Equal(Sound("s1", 1, 3), wave[44..]);
    }

    [Fact]
    public async Task Without_consent_nothing_is_kept_and_after_its_withdrawal_nothing_more()
    {
        Say("never", 0, 3, _ => false);
        Say("until", 0, 4, sequence => sequence <= 2);
        Say("until", 1, 2, _ => false);
        Say("later", 0, 4, sequence => sequence > 2);
        await RunAsync();
        Assert.Empty(await Catalog.OfSessionAsync("never", Cancel));
        var until = Assert.Single(await Catalog.OfSessionAsync("until", Cancel));
        Assert.Equal(new AnswerPart(0, 1, 2, 1_000), until.Part);
        Assert.Equal(Sound("until", 1, 2), (await ReadAsync(until))[44..]);
        Assert.Equal(Sound("later", 3, 4), (await ReadAsync(Assert.Single(await Catalog.OfSessionAsync("later", Cancel))))[44..]);
    }

    [Fact]
    public async Task An_answer_without_sound_leaves_no_object_and_repeated_and_unreadable_chunks_are_left_out()
    {
        Say("s1", 0, 3);
        log.Insert(2, log[1].Clone());
        log.Add(log[2].Clone());
        log.Add(new AudioChunk { SessionId = "s1", Sequence = 4, QuestionIndex = 1, Codec = AudioCodec.Pcm16, EndOfAnswer = true, Recording = new() { CandidateId = "c" } });
        log.Add(new AudioChunk { SessionId = "s1", Sequence = 5, QuestionIndex = 2, Codec = AudioCodec.Pcm16, EndOfAnswer = true, Recording = new() { CandidateId = "c" }, Data = ByteString.CopyFrom(1, 2, 3) });
        await RunAsync();
        Assert.Equal(Sound("s1", 1, 3), (await ReadAsync(Assert.Single(await Catalog.OfSessionAsync("s1", Cancel))))[44..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_step_every_answer_is_kept_once(bool afterEffect)
    {
        var steps = 0;
        for (var died = true; died; steps++)
        {
            log.Clear();
            for (var i = 0; i < 3; i++)
            {
                Say($"s{steps}-a", i, 2);
                Say($"s{steps}-b", i, 3);
            }

            var crashing = new CrashingStores(Objects, Catalog, steps + 1, afterEffect);
            long committed = 0;
            await using (var recorder = Recorder(new MediaVault(crashing, crashing, keys, retention, time)))
            {
                try
                {
                    for (var offset = 0; offset < log.Count; offset++)
                    {
                        await recorder.TakeAsync(log[offset], 0, offset, Cancel);
                        await recorder.DrainAsync();
                        committed = recorder.SafeOffset(0, offset + 1);
                    }
                }
                catch (KilledException)
                {
                    // the next process goes on from what was committed
                }
            }

            died = crashing.Died;
            await RunAsync(committed);
            time.Advance(retention.Grace + TimeSpan.FromMinutes(1));
            await new MediaSweep(Objects, Catalog, retention, time, NullLogger<MediaSweep>.Instance).RunAsync(Cancel);
            foreach (var (session, chunks) in new[] { ($"s{steps}-a", 2), ($"s{steps}-b", 3) })
            {
                var kept = await Catalog.OfSessionAsync(session, Cancel);
                Assert.Equal([0, 1, 2], kept.Select(k => k.Part!.QuestionIndex).Order());
                foreach (var entry in kept)
                {
                    var first = 1 + (entry.Part!.QuestionIndex * chunks);
                    Assert.Equal(Sound(session, first, first + chunks - 1), (await ReadAsync(entry))[44..]);
                }
            }

            Assert.Equal(6 * (steps + 1), Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories).Length);
        }

        Assert.True(steps > 10, $"{steps} steps");
    }

    [Fact]
    public async Task Two_instances_that_keep_the_same_answer_leave_one_row()
    {
        Say("s1", 0, 2);
        await using var first = Recorder(Vault);
        await using var second = Recorder(Vault);
        foreach (var recorder in new[] { first, second })
        {
            await recorder.TakeAsync(log[0], 0, 0, Cancel);
        }

        foreach (var recorder in new[] { first, second })
        {
            await recorder.TakeAsync(log[1], 0, 1, Cancel);
            await recorder.DrainAsync();
        }

        Assert.Single(await Catalog.OfSessionAsync("s1", Cancel));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories).Length);
        time.Advance(retention.Grace + TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await new MediaSweep(Objects, Catalog, retention, time, NullLogger<MediaSweep>.Instance).RunAsync(Cancel)).Orphans);
    }

    [Fact]
    public async Task A_part_that_another_instance_kept_meanwhile_does_not_hide_the_rest()
    {
        Say("s1", 0, 4);
        await using var second = Recorder(Vault);
        await second.TakeAsync(log[0], 0, 0, Cancel); // it knows of nothing that is kept
        await using (var first = Recorder(Vault))
        {
            await first.TakeAsync(log[0], 0, 0, Cancel);
            await first.TakeAsync(log[1], 0, 1, Cancel);
            time.Advance(options.Idle);
            await first.TickAsync(Cancel);
            await first.DrainAsync();
        }

        for (var offset = 1; offset < 4; offset++)
        {
            await second.TakeAsync(log[offset], 0, offset, Cancel);
        }

        await Assert.ThrowsAsync<IOException>(second.DrainAsync);
        Assert.Equal(0, second.SafeOffset(0, 4));
        await RunAsync(); // what the worker does then
        Assert.Equal([new AnswerPart(0, 1, 2, 1_000), new AnswerPart(0, 3, 4, 1_000)], (await Catalog.OfSessionAsync("s1", Cancel)).Select(k => k.Part));
    }

    [Fact]
    public async Task Positions_stay_behind_what_is_not_stored_and_a_partition_that_is_gone_holds_nothing_back()
    {
        Say("s1", 0, 3);
        await using var recorder = Recorder(Vault);
        await recorder.TakeAsync(log[0], 4, 10, Cancel);
        await recorder.TakeAsync(log[1], 4, 17, Cancel);
        Assert.Equal((10, 30), (recorder.SafeOffset(4, 18), recorder.SafeOffset(5, 30)));
        recorder.Forget(4);
        Assert.Equal((18, 0), (recorder.SafeOffset(4, 18), recorder.Open));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_answer_that_falls_silent_is_kept_as_it_is_and_what_comes_later_apart_from_it()
    {
        Say("s1", 0, 4);
        await using var recorder = Recorder(Vault);
        await recorder.TakeAsync(log[0], 0, 0, Cancel);
        await recorder.TakeAsync(log[1], 0, 1, Cancel);
        time.Advance(options.Idle - TimeSpan.FromSeconds(1));
        await recorder.TickAsync(Cancel);
        Assert.Equal(0, recorder.SafeOffset(0, 2));
        time.Advance(TimeSpan.FromSeconds(1));
        await recorder.TickAsync(Cancel);
        await recorder.DrainAsync();
        Assert.Equal(2, recorder.SafeOffset(0, 2));
        await recorder.TakeAsync(log[2], 0, 2, Cancel);
        await recorder.TakeAsync(log[3], 0, 3, Cancel);
        await recorder.DrainAsync();
        Assert.Equal([new AnswerPart(0, 1, 2, 1_000), new AnswerPart(0, 3, 4, 1_000)], (await Catalog.OfSessionAsync("s1", Cancel)).Select(k => k.Part));
    }

    [Fact]
    public async Task A_long_answer_is_kept_in_parts_and_too_many_at_once_close_the_one_that_was_silent_longest()
    {
        (options.PartMiB, options.MaxOpen, options.MaxWrites) = (1, 2, 1);
        Say("long", 0, 80);
        await RunAsync();
        var parts = (await Catalog.OfSessionAsync("long", Cancel)).Select(k => k.Part!).ToList();
        Assert.Equal(2, parts.Count);
        Assert.Equal((1, 80, 40_000), (parts[0].FirstSequence, parts[1].LastSequence, parts.Sum(p => p.DurationMs)));
        Assert.Equal(parts[0].LastSequence + 1, parts[1].FirstSequence);

        await using var recorder = Recorder(Vault);
        foreach (var (session, i) in new[] { "a", "b", "c" }.Select((s, i) => (s, i)))
        {
            log.Clear();
            Say(session, 0, 2);
            await recorder.TakeAsync(log[0], 0, 100 + i, Cancel);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await recorder.DrainAsync();
        Assert.Equal((2, 101), (recorder.Open, recorder.SafeOffset(0, 103)));
        Assert.Single(await Catalog.OfSessionAsync("a", Cancel));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private MediaVault Vault => new(Objects, Catalog, keys, retention, time);

    private AnswerRecorder Recorder(MediaVault vault) => new(vault, options, time, NullLogger.Instance);

    private async Task RunAsync(long from = 0)
    {
        await using var recorder = Recorder(Vault);
        for (var offset = (int)from; offset < log.Count; offset++)
        {
            await recorder.TakeAsync(log[offset], 0, offset, Cancel);
        }

        await recorder.DrainAsync();
        Assert.Equal((0, log.Count), (recorder.Open, recorder.SafeOffset(0, log.Count)));
    }

    /// <summary>Half a second a chunk, numbered on from what the session said before.</summary>
    private void Say(string session, int question, int chunks, Func<long, bool>? consents = null)
    {
        var before = log.Where(c => c.SessionId == session).Select(c => c.Sequence).DefaultIfEmpty(0).Max();
        for (var i = 1; i <= chunks; i++)
        {
            var sequence = before + i;
            log.Add(new AudioChunk
            {
                SessionId = session, Tenant = "acme", Sequence = sequence, Codec = AudioCodec.Pcm16, SampleRateHz = 16_000, QuestionIndex = question, EndOfAnswer = i == chunks,
                Data = ByteString.CopyFrom(Sound(session, sequence, sequence)), Recording = consents?.Invoke(sequence) == false ? null : new() { CandidateId = $"candidate-{session}" },
            });
        }
    }

    private static byte[] Sound(string session, long first, long last)
    {
        var sound = new byte[(last - first + 1) * 16_000];
        for (var i = 0; i < sound.Length; i++)
        {
            sound[i] = (byte)((i / 16_000) + first + (i % 16_000 % 251) + session.Length + session[^1]);
        }

        return sound;
    }

    private async Task<byte[]> ReadAsync(MediaEntry entry)
    {
        await using var content = (await Vault.OpenAsync(entry, Cancel))!;
        var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private static string Text(byte[] file, int at, int length) => System.Text.Encoding.ASCII.GetString(file, at, length);

    private static int Number(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
}
