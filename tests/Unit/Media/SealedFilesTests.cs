using System.Security.Cryptography;
using StreamPlatform.Media;
using StreamPlatform.Media.Sealing;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>Content sealed while it streams: whole, or told that it is not.</summary>
public sealed class SealedFilesTests
{
    private static readonly byte[] Master = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
    private static readonly DerivedMediaKeys Keys = new(Master);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(SealedFormat.ChunkBytes - 1)]
    [InlineData(SealedFormat.ChunkBytes)]
    [InlineData(SealedFormat.ChunkBytes + 1)]
    [InlineData(3 * SealedFormat.ChunkBytes)]
    public async Task What_is_sealed_opens_to_the_same(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var sealedBytes = await SealAsync(content, "owner");
        Assert.Equal(content, await OpenAsync(sealedBytes, "owner"));
        Assert.Equal(-1, sealedBytes.AsSpan().IndexOf(content.AsSpan(0, Math.Min(size, 16))) is var at && size >= 16 ? at : -1);
    }

    [Fact]
    public async Task Any_changed_byte_and_any_shorter_file_is_told()
    {
        var content = RandomNumberGenerator.GetBytes((2 * SealedFormat.ChunkBytes) + 100);
        var whole = await SealAsync(content, "owner");
        for (var at = 0; at < whole.Length; at += at < 64 ? 1 : 9_973)
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= 1;
            await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(changed, "owner"));
        }

        var header = whole.Length - content.Length - (3 * SealedFormat.TagBytes);
        const int sealedChunk = SealedFormat.ChunkBytes + SealedFormat.TagBytes;
        foreach (var length in new[] { 0, 3, header, header + 5, header + sealedChunk, header + (2 * sealedChunk), whole.Length - 1 })
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(whole[..length], "owner"));
        }

        byte[] exchanged = [.. whole[..header], .. whole[(header + sealedChunk)..(header + (2 * sealedChunk))], .. whole[header..(header + sealedChunk)], .. whole[(header + (2 * sealedChunk))..]];
        await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(exchanged, "owner"));
    }

    [Fact]
    public async Task It_opens_for_its_owner_and_with_its_key_only()
    {
        var sealedBytes = await SealAsync([1, 2, 3], "owner");
        await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(sealedBytes, "another"));
        var other = new DerivedMediaKeys(new byte[32]);
        await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(sealedBytes, "owner", other));
        var rotated = new DerivedMediaKeys(new byte[32], Master);
        Assert.Equal([1, 2, 3], await OpenAsync(sealedBytes, "owner", rotated));
        Assert.NotEqual(Keys.Current("owner").Secret, Keys.Current("another").Secret);
    }

    [Fact]
    public void A_key_that_is_none_is_refused_by_name_and_one_in_a_file_is_taken()
    {
        var options = new MediaStoreOptions { Key = "not-a-key" };
        var error = Assert.Throws<ArgumentException>(() => options.OpenKeys());
        Assert.StartsWith("STREAMPLATFORM_MEDIA_KEY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-key", error.Message, StringComparison.Ordinal);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Convert.ToBase64String(Master) + "\n");
            Assert.Equal(Keys.Current("o").Id, new MediaStoreOptions { Key = file }.OpenKeys().Current("o").Id);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<byte[]> SealAsync(byte[] content, string owner)
    {
        await using var sealing = new SealingStream(new MemoryStream(content), Keys.Current(owner), owner, 1 << 30);
        using var copy = new MemoryStream();
        await sealing.CopyToAsync(copy, Ct);
        Assert.Equal(content.Length, sealing.Bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), sealing.Sha256);
        return copy.ToArray();
    }

    private static async Task<byte[]> OpenAsync(byte[] sealedBytes, string owner, IMediaKeys? keys = null)
    {
        await using var opening = await OpeningStream.CreateAsync(new MemoryStream(sealedBytes), keys ?? Keys, owner, Ct);
        using var copy = new MemoryStream();
        await opening.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }
}
