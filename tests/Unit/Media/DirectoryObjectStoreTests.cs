using StreamPlatform.Media.Objects;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>The contract on a directory, and what only a directory has.</summary>
[Collection("whole process")] // it counts what the process allocates
public sealed class DirectoryObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("objects-").FullName;
    private readonly VirtualTime time = new();

    protected override IObjectStore Open(long maxBytes = 64 << 20) => new DirectoryObjectStore(folder, maxBytes, time);

    protected override Task TamperAsync(string key) => File.WriteAllTextAsync(FileOf(key), "what was changed", Ct);

    [Fact]
    public async Task Files_are_their_owners_only_and_carry_the_stores_time()
    {
        var stored = await Open().PutAsync("a", new MemoryStream([1]), Ct);
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), stored.StoredAtMs);
        await foreach (var found in Open().ListAsync("a", Ct))
        {
            Assert.Equal(stored, found);
        }

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(FileOf(stored.Key)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_write_that_a_crash_cut_short_is_no_object_and_goes_by_its_age()
    {
        var store = Open();
        var half = Path.Combine(folder, "incoming", "half");
        await File.WriteAllTextAsync(half, "half", Ct);
        File.SetLastWriteTimeUtc(half, time.GetUtcNow().UtcDateTime);
        Assert.Empty(await ListAsync(store, ""));
        Assert.Equal(0, await store.DeleteLeftoversAsync(TimeSpan.FromHours(1), Ct));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await store.DeleteLeftoversAsync(TimeSpan.FromHours(1), Ct));
        Assert.False(File.Exists(half));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_an_IOException()
    {
        var store = Open();
        Directory.Delete(Path.Combine(folder, "incoming"));
        await Assert.ThrowsAnyAsync<IOException>(() => store.PutAsync("a", new MemoryStream([1]), Ct));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string FileOf(string key) => Path.Combine(folder, "objects", key[..^65], key[^64..^62], key[^64..]);
}
