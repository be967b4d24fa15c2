using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>What every object store promises.</summary>
public abstract class ObjectStoreContract
{
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected abstract IObjectStore Open(long maxBytes = 64 << 20);

    [Fact]
    public async Task What_is_put_comes_back_under_the_hash_of_its_content()
    {
        var store = Open();
        var content = "seven bytes and some more"u8.ToArray();
        var stored = await store.PutAsync("media/video/owner_1", new MemoryStream(content), Ct);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), stored.Sha256);
        Assert.Equal($"media/video/owner_1/{stored.Sha256}", stored.Key);
        Assert.Equal(content.Length, stored.Bytes);
        Assert.Equal(content, await ReadAsync(Open(), stored.Key));
    }

    [Fact]
    public async Task Equal_content_under_one_prefix_is_one_object_and_under_two_prefixes_two()
    {
        var store = Open();
        var first = await store.PutAsync("a", new MemoryStream("same"u8.ToArray()), Ct);
        var again = await store.PutAsync("a", new MemoryStream("same"u8.ToArray()), Ct);
        var other = await store.PutAsync("b", new MemoryStream("same"u8.ToArray()), Ct);
        Assert.Equal(first.Key, again.Key);
        Assert.NotEqual(first.Key, other.Key);
        Assert.Equal([first.Key], await ListAsync(store, "a"));
        Assert.True(await store.DeleteAsync(first.Key, Ct));
        Assert.False(await store.DeleteAsync(first.Key, Ct));
        Assert.Null(await store.OpenAsync(first.Key, Ct));
        Assert.NotNull(await ReadAsync(store, other.Key));
    }

    [Fact]
    public async Task A_prefix_lists_what_is_below_it_and_nothing_beside_it()
    {
        var store = Open();
        var one = await store.PutAsync("list/one", new MemoryStream("1"u8.ToArray()), Ct);
        var deep = await store.PutAsync("list/one/deep", new MemoryStream("2"u8.ToArray()), Ct);
        var beside = await store.PutAsync("list/one-more", new MemoryStream("3"u8.ToArray()), Ct);
        Assert.Equal(new[] { deep.Key, one.Key }.Order(), await ListAsync(store, "list/one"));
        Assert.Equal(new[] { beside.Key, deep.Key, one.Key }.Order(), (await ListAsync(store, "")).Where(k => k.StartsWith("list/", StringComparison.Ordinal)));
        Assert.Empty(await ListAsync(store, "nothing"));
    }

    [Fact]
    public async Task More_than_a_thousand_objects_are_listed_whole()
    {
        var store = Open();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_100), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, ct) =>
            await store.PutAsync("many", new MemoryStream(Encoding.ASCII.GetBytes($"object {i}")), ct));
        Assert.Equal(1_100, (await ListAsync(store, "many")).Length);
    }

    [Fact]
    public async Task A_large_stream_goes_through_bounded_memory_and_comes_back_whole()
    {
        var store = Open();
        const int size = (33 << 20) + 17;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var stored = await store.PutAsync("large", new PatternStream(size), Ct);
        Assert.Equal(size, stored.Bytes);
        await using var content = (await store.OpenAsync(stored.Key, Ct))!;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        for (int read; (read = await content.ReadAsync(buffer, Ct)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        Assert.Equal(stored.Sha256, Convert.ToHexStringLower(hash.GetHashAndReset()));
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < size, "no copy of the content was made in memory");
    }

    [Fact]
    public async Task Nothing_and_too_much_are_refused_and_leave_nothing()
    {
        var store = Open(maxBytes: 2048);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync("bounds", new MemoryStream(), Ct));
        await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync("bounds", new MemoryStream(new byte[2049]), Ct));
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync("bounds", new PatternStream(10_000, failAfter: 1_000), Ct));
        Assert.Empty(await ListAsync(store, "bounds"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../up")]
    [InlineData("/absolute")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a/b/c/d/e")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0b")]
    [InlineData("a%2e%2e")]
    [InlineData("ä")]
    public async Task A_name_that_is_none_leads_nowhere(string prefix)
    {
        var store = Open();
        await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync(prefix, new MemoryStream(new byte[1]), Ct));
        var key = $"{prefix}/{new string('0', 64)}";
        await Assert.ThrowsAsync<InvalidDataException>(() => store.OpenAsync(key, Ct));
        await Assert.ThrowsAsync<InvalidDataException>(() => store.DeleteAsync(key, Ct));
        if (prefix.Length > 0)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => ListAsync(store, prefix));
        }
    }

    [Fact]
    public async Task What_was_changed_in_the_store_is_not_given_out_as_whole()
    {
        var store = Open();
        var stored = await store.PutAsync("changed", new MemoryStream("what was stored"u8.ToArray()), Ct);
        await TamperAsync(stored.Key);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(store, stored.Key));
    }

    /// <summary>Changes an object behind the store's back.</summary>
    protected abstract Task TamperAsync(string key);

    protected static async Task<byte[]?> ReadAsync(IObjectStore store, string key)
    {
        await using var content = await store.OpenAsync(key, Ct);
        if (content is null)
        {
            return null;
        }

        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    protected static async Task<string[]> ListAsync(IObjectStore store, string prefix)
    {
        List<string> keys = [];
        await foreach (var found in store.ListAsync(prefix, Ct))
        {
            Assert.True(found.Bytes > 0);
            keys.Add(found.Key);
        }

        return [.. keys.Order()];
    }
}

/// <summary>So many bytes of a pattern, or an end by an error.</summary>
internal sealed class PatternStream(long size, long failAfter = long.MaxValue) : Stream
{
    private long at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => at; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (at >= failAfter)
        {
            throw new IOException("the sender went away");
        }

        var read = (int)Math.Min(Math.Min(count, 50_000), Math.Min(size, failAfter) - at);
        for (var i = 0; i < read; i++)
        {
            buffer[offset + i] = (byte)((at + i) * 2654435761 >> 13);
        }

        at += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
