using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Persistence;

/// <summary>Answers from the audio topic on a broker: a process that ends in the middle of an answer, or shares the topic with another one, loses and doubles nothing.</summary>
public sealed class RecordingWorkerTests(PostgresFixture postgres) : PersistenceStage(postgres)
{
    private static readonly string[] Sessions = [.. Enumerable.Range(0, 20).Select(i => $"session-{i}")];

    [Fact]
    public async Task A_process_that_ends_in_the_middle_of_answers_is_followed_by_one_that_keeps_them_whole()
    {
        await using (var first = await StartAsync())
        {
            Send(first, 1, 4);
            await UntilAsync(() => Task.FromResult(first.Recordings.StartsWith("20 answers in progress", StringComparison.Ordinal)), () => first.Recordings);
        }

        await using var second = await StartAsync();
        Send(second, 5, 8);
        await CheckAsync(second, 1, 8);
    }

    [Fact]
    public async Task A_process_that_joins_in_the_middle_of_answers_shares_them()
    {
        await using var first = await StartAsync();
        Send(first, 1, 4);
        await UntilAsync(() => Task.FromResult(first.Recordings == "20 answers in progress, 12 partitions"), () => first.Recordings);
        await using var second = await StartAsync();
        await UntilAsync(() => Task.FromResult(second.Recordings.EndsWith(" 6 partitions", StringComparison.Ordinal)), () => second.Recordings);
        Send(second, 5, 8);
        await CheckAsync(second, 1, 8);
    }

    [Fact]
    public async Task A_database_that_is_away_delays_what_is_kept()
    {
        await using var first = await StartAsync();
        await RunSqlAsync("ALTER TABLE media_objects RENAME TO away");
        Send(first, 1, 8);
        await UntilAsync(() => Task.FromResult(!first.RecordingHealth.Healthy), () => first.Recordings); // joining the group between the attempts heals nothing
        await RunSqlAsync("ALTER TABLE away RENAME TO media_objects");
        await CheckAsync(first, 1, 8);
    }

    private static void Send(Instance by, int first, int last)
    {
        for (var sequence = first; sequence <= last; sequence++)
        {
            foreach (var session in Sessions)
            {
                var chunk = new AudioChunk
                {
                    SessionId = session, Tenant = "acme", Sequence = sequence, Codec = AudioCodec.Pcm16, SampleRateHz = 16_000, EndOfAnswer = sequence == last && last == 8,
                    Data = ByteString.CopyFrom(Sound(session, sequence)), Recording = new() { CandidateId = session },
                };
                by.Context.Events.Send(Topics.Audio, session, "acme", $"{session}/{sequence}", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), chunk);
            }
        }
    }

    private static async Task CheckAsync(Instance instance, int first, int last)
    {
        var vault = instance.Context.Media.Vault((await instance.Context.StoresAsync(Cancel)).Media);
        await UntilAsync(
            async () =>
            {
                foreach (var session in Sessions)
                {
                    if ((await vault.OfSessionAsync(session, Cancel)).Count == 0)
                    {
                        return false;
                    }
                }

                return true;
            },
            () => instance.Recordings);
        foreach (var session in Sessions)
        {
            var kept = Assert.Single(await vault.OfSessionAsync(session, Cancel));
            Assert.Equal(new AnswerPart(0, first, last, (last - first + 1) * 100), kept.Part);
            await using var content = (await vault.OpenAsync(kept, Cancel))!;
            var all = new MemoryStream();
            await content.CopyToAsync(all, Cancel);
            Assert.Equal(Enumerable.Range(first, last - first + 1).SelectMany(s => Sound(session, s)), all.ToArray()[44..]);
        }
    }

    private static byte[] Sound(string session, int sequence) => [.. Enumerable.Range(0, 3_200).Select(i => (byte)(i + (sequence * 7) + session[^1]))];
}
