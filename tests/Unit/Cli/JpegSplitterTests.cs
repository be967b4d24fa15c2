using StreamPlatform.Cli.Analyse;
using StreamPlatform.Inference.Jpeg;
using Xunit;

namespace StreamPlatform.Tests.Unit.Cli;

public sealed class JpegSplitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public async Task A_stream_of_images_is_cut_into_exactly_these_however_it_arrives(int pieceBytes)
    {
        var images = Enumerable.Range(1, 4).Select(Image).ToList();
        var splitter = new JpegSplitter(new Pieces([.. images.SelectMany(i => i)], pieceBytes), 512 * 1024);
        foreach (var image in images)
        {
            Assert.Equal(image, await splitter.NextAsync(TestContext.Current.CancellationToken));
        }

        Assert.Null(await splitter.NextAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_image_that_is_cut_off_larger_than_allowed_or_none_is_refused()
    {
        var image = Image(1);
        await Assert.ThrowsAsync<InvalidDataException>(() => Next(image[..^2], 512 * 1024));
        await Assert.ThrowsAsync<InvalidDataException>(() => Next(image, image.Length - 1));
        await Assert.ThrowsAsync<InvalidDataException>(() => Next([1, 2, 3, 4, 5, 6], 512 * 1024));
    }

    private static async Task<byte[]?> Next(byte[] data, int max) => await new JpegSplitter(new MemoryStream(data), max).NextAsync(TestContext.Current.CancellationToken);

    private static byte[] Image(int seed)
    {
        using var image = new RgbImage(64, 48);
        new Random(seed).NextBytes(image.Pixels);
        return JpegEncoder.Encode(image, 90);
    }

    private sealed class Pieces(byte[] data, int pieceBytes) : MemoryStream(data)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceBytes)], cancellationToken);
    }
}
