using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Media.Vault;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>Recordings in two stores at once, a directory and PostgreSQL: kept, found, deleted when due, and after a crash at any step neither store has what the other lacks.</summary>
public sealed class MediaVaultTests(PostgresFixture postgres) : MigratedDatabase(postgres), IDisposable
{
    private static readonly MediaSource Video = new(MediaKinds.Video, "acme", "session-1", "candidate-1", "interview.mp4", "video/mp4");

    private readonly string folder = Directory.CreateTempSubdirectory("vault-").FullName;
    private readonly VirtualTime time = new();
    private readonly MediaRetention retention = new();
    private readonly DerivedMediaKeys keys = new(new byte[32]);

    private DirectoryObjectStore Objects => new(folder, 64 << 20, time);

    private PostgresMediaCatalog Catalog => new(Database);

    [Fact]
    public async Task What_is_kept_is_found_by_its_session_and_opens_again()
    {
        var vault = Vault(Objects, Catalog);
        var kept = await vault.KeepAsync(Video, new MemoryStream("a video"u8.ToArray()), Cancel);
        Assert.Equal(kept, Assert.Single(await vault.OfSessionAsync("session-1", Cancel)));
        Assert.Empty(await vault.OfSessionAsync("session-2", Cancel));
        Assert.Equal(7, kept.Bytes);
        Assert.Equal(time.GetUtcNow().AddDays(1461).ToUnixTimeMilliseconds(), kept.DeleteAfterMs);
        await using var content = (await vault.OpenAsync(kept, Cancel))!;
        Assert.Equal("a video", await new StreamReader(content).ReadToEndAsync(Cancel));
        Assert.DoesNotContain("a video", await File.ReadAllTextAsync(Assert.Single(Files()), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_due_goes_from_both_stores_and_what_is_not_stays()
    {
        var vault = Vault(Objects, Catalog);
        await vault.KeepAsync(Video, new MemoryStream("old"u8.ToArray()), Cancel);
        time.Advance(TimeSpan.FromDays(1_000));
        var young = await vault.KeepAsync(Video with { SessionId = "session-2" }, new MemoryStream("young"u8.ToArray()), Cancel);
        time.Advance(TimeSpan.FromDays(500));
        Assert.Equal(new MediaCleanUp(1, 3, 0, 0, 0), await SweepAsync());
        Assert.Single(Files());
        Assert.Empty(await Catalog.OfSessionAsync("session-1", Cancel));
        Assert.NotNull(await Catalog.FindAsync(young.Key, Cancel));
        Assert.False((await SweepAsync()).Any);
    }

    [Fact]
    public async Task A_session_that_is_marked_goes_with_the_next_run()
    {
        var vault = Vault(Objects, Catalog);
        await vault.KeepAsync(Video, new MemoryStream("one"u8.ToArray()), Cancel);
        Assert.Equal(1, await Catalog.MarkSessionAsync("session-1", Cancel));
        Assert.Empty(await Catalog.OfSessionAsync("session-1", Cancel));
        Assert.Equal(1, (await SweepAsync()).Due);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task An_object_that_was_lost_is_reported_once_and_kept_again_when_it_is_back()
    {
        var kept = await Vault(Objects, Catalog).KeepAsync(Video, new MemoryStream("one"u8.ToArray()), Cancel);
        var file = Assert.Single(Files());
        File.Move(file, Path.Combine(folder, "elsewhere"));
        Assert.Equal(0, (await SweepAsync()).Missing); // younger than the grace
        time.Advance(retention.Grace + TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await SweepAsync()).Missing);
        Assert.True((await Catalog.FindAsync(kept.Key, Cancel))!.Missing);
        Assert.Equal(0, (await SweepAsync()).Missing);
        File.Move(Path.Combine(folder, "elsewhere"), file);
        await SweepAsync();
        Assert.False((await Catalog.FindAsync(kept.Key, Cancel))!.Missing);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_step_of_keeping_and_deleting_no_store_has_what_the_other_lacks_after_the_next_run(bool afterEffect)
    {
        var steps = 0;
        for (var died = true; died; steps++)
        {
            var crashing = new CrashingStores(Objects, Catalog, steps + 1, afterEffect);
            try
            {
                var vault = Vault(crashing, crashing);
                for (var i = 0; i < 2; i++)
                {
                    await vault.KeepAsync(Video with { SessionId = $"s{steps}-{i}" }, new MemoryStream("content"u8.ToArray()), Cancel);
                }

                await crashing.MarkSessionAsync($"s{steps}-0", Cancel);
                await Sweep(crashing, crashing).RunAsync(Cancel);
                await crashing.MarkSessionAsync($"s{steps}-1", Cancel);
            }
            catch (KilledException)
            {
                // the next process finds what this one left
            }

            died = crashing.Died;
            time.Advance(retention.Grace + TimeSpan.FromMinutes(1));
            await SweepAsync();
            var files = Files().Select(Path.GetFileName).Order().ToArray();
            Assert.Equal(await RowsAsync(), files);
            Assert.False((await SweepAsync()).Any);
        }

        Assert.True(steps > 10, $"{steps} steps");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private MediaVault Vault(IObjectStore objects, IMediaCatalog catalog) => new(objects, catalog, keys, retention, time);

    private MediaSweep Sweep(IObjectStore objects, IMediaCatalog catalog) => new(objects, catalog, retention, time, NullLogger<MediaSweep>.Instance);

    private Task<MediaCleanUp> SweepAsync() => Sweep(Objects, Catalog).RunAsync(Cancel);

    private string[] Files() => Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories);

    private async Task<string[]> RowsAsync()
    {
        await using var command = Database.CreateCommand("SELECT right(object_key, 64) FROM media_objects WHERE state = 'kept' ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        List<string> rows = [];
        while (await reader.ReadAsync(Cancel))
        {
            rows.Add(reader.GetString(0));
        }

        return [.. rows.Order()];
    }
}
