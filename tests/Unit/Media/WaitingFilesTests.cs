using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Media;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Waiting;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>Files that wait, in a directory: encrypted, bound to their names, gone when they should be.</summary>
public sealed class WaitingFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("media-").FullName;
    private readonly VirtualTime time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private WaitingFiles Open(int maxTotalMiB = 10) => new(
        new DirectoryObjectStore(folder, 64 << 20, time), new MediaStoreOptions { KeyDirectory = folder }.OpenKeys(),
        new() { MaxBytes = 2 * 1024 * 1024, MaxTotalMiB = maxTotalMiB, MaxAgeHours = 72 }, time, NullLogger<WaitingFiles>.Instance);

    private string[] Files() => Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories);

    [Fact]
    public async Task What_is_stored_comes_back_after_a_restart_and_does_not_lie_there_in_plain()
    {
        var content = Encoding.UTF8.GetBytes("Jane Example, Kafka");
        var stored = await Open().PutAsync("task/0", content, Ct);
        Assert.Equal(content.Length, stored.Bytes);
        Assert.Equal(content, await Open().ReadAsync(stored.Key, Ct));
        var file = Assert.Single(Files());
        Assert.DoesNotContain("Kafka", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Ct)), StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Equal_files_of_two_owners_go_one_by_one()
    {
        var store = Open();
        var first = await store.PutAsync("task/0", "same"u8.ToArray(), Ct);
        var second = await store.PutAsync("task/1", "same"u8.ToArray(), Ct);
        Assert.Equal(first.Sha256, second.Sha256);
        Assert.True(await store.DeleteAsync(first.Key, Ct));
        Assert.False(await store.DeleteAsync(first.Key, Ct));
        Assert.Null(await store.ReadAsync(first.Key, Ct));
        Assert.NotNull(await store.ReadAsync(second.Key, Ct));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("resumes/../../media.key")]
    [InlineData("media/bb00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("resumes/bb00000000000000000000000000000000000000000000000000000000000000\n")]
    public async Task A_name_that_is_no_key_leads_nowhere(string key)
    {
        var store = Open();
        await Assert.ThrowsAsync<InvalidDataException>(() => store.ReadAsync(key, Ct));
        await Assert.ThrowsAsync<InvalidDataException>(() => store.DeleteAsync(key, Ct));
    }

    [Fact]
    public async Task A_file_that_was_changed_or_put_in_anothers_place_is_not_given_out()
    {
        var store = Open();
        var one = await store.PutAsync("task/0", "first"u8.ToArray(), Ct);
        var two = await store.PutAsync("task/1", "other"u8.ToArray(), Ct);
        string At(string key) => Path.Combine(folder, "objects", key[..^65], key[^64..^62], key[^64..]);
        var bytes = await File.ReadAllBytesAsync(At(one.Key), Ct);
        File.Copy(At(two.Key), At(one.Key), overwrite: true);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.ReadAsync(one.Key, Ct));
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(At(one.Key), bytes, Ct);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.ReadAsync(one.Key, Ct));
    }

    [Fact]
    public async Task Old_files_go_by_themselves_and_young_ones_stay()
    {
        var store = Open();
        var old = await store.PutAsync("task/0", "old"u8.ToArray(), Ct);
        time.Advance(TimeSpan.FromHours(71));
        var young = await store.PutAsync("task/1", "young"u8.ToArray(), Ct);
        Assert.Empty(await store.DeleteExpiredAsync(Ct));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal([old.Key], await store.DeleteExpiredAsync(Ct));
        Assert.NotNull(await store.ReadAsync(young.Key, Ct));
    }

    [Fact]
    public async Task Files_and_all_files_together_have_a_bound_and_deleting_makes_room()
    {
        var store = Open(maxTotalMiB: 3);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync("t/0", new byte[(2 * 1024 * 1024) + 1], Ct));
        await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync("t/0", Array.Empty<byte>(), Ct));
        var first = await store.PutAsync("t/1", new byte[2 * 1024 * 1024], Ct);
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync("t/2", new byte[2 * 1024 * 1024], Ct));
        await Assert.ThrowsAsync<IOException>(() => Open(maxTotalMiB: 3).PutAsync("t/2", new byte[2 * 1024 * 1024], Ct));
        await store.DeleteAsync(first.Key, Ct);
        await store.PutAsync("t/2", new byte[2 * 1024 * 1024], Ct);
    }

    [Fact]
    public async Task A_write_that_a_crash_cut_short_goes_by_its_age()
    {
        await Open().PutAsync("t/1", "whole"u8.ToArray(), Ct);
        var half = Path.Combine(folder, "incoming", "half");
        await File.WriteAllTextAsync(half, "half", Ct);
        File.SetLastWriteTimeUtc(half, time.GetUtcNow().UtcDateTime - TimeSpan.FromHours(73));
        await Open().DeleteExpiredAsync(Ct);
        Assert.Single(Files());
        Assert.False(File.Exists(half));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
