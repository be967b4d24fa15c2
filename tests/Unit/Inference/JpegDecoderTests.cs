using System.Buffers.Binary;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class JpegDecoderTests
{
    private static readonly JpegDecoder Decoder = new();

    [Fact]
    public void What_was_encoded_is_decoded_nearly_unchanged()
    {
        using var image = Gradient(320, 240);
        using var decoded = Decoder.Decode(JpegEncoder.Encode(image, 95));
        Assert.Equal((320, 240), (decoded.Width, decoded.Height));
        var worst = 0;
        for (var i = 0; i < image.Pixels.Length; i++)
            worst = Math.Max(worst, Math.Abs(image.Pixels[i] - decoded.Pixels[i]));
        Assert.InRange(worst, 0, 12);
    }

    [Theory]
    [InlineData(640, 480, 640, 480)]
    [InlineData(1279, 720, 1279, 720)]
    [InlineData(1920, 1080, 1920, 1080)]
    [InlineData(2560, 1440, 1280, 720)]
    [InlineData(2561, 1441, 1281, 721)]
    [InlineData(100, 6000, 25, 1500)]
    [InlineData(2200, 2000, 1100, 1000)]
    public void Where_asked_for_large_images_are_scaled_down_while_decoding(int width, int height, int decodedWidth, int decodedHeight)
    {
        using var image = Gradient(width, height);
        var decoder = new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = 1280, MaxDecodedPixels = 3 * 1024 * 1024 });
        var jpeg = JpegEncoder.Encode(image);
        using var decoded = decoder.Decode(jpeg);
        Assert.Equal((decodedWidth, decodedHeight), (decoded.Width, decoded.Height));
        Assert.Equal(decoded.Pixels.Length, decoder.DecodedBytes(decoder.Inspect(jpeg)));
        using var full = Decoder.Decode(jpeg);
        Assert.Equal((width, height), (full.Width, full.Height));
    }

    [Fact]
    public void A_header_of_20000_by_20000_pixels_is_refused_before_anything_is_allocated()
    {
        var hostile = Sized(20_000, 20_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<UnreadableImageException>(() => Decoder.Decode(hostile));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Contains("MaxSourcePixels", problem.Message);
    }

    [Fact]
    public void A_header_that_promises_more_than_the_data_holds_is_unreadable() =>
        Assert.Throws<UnreadableImageException>(() => Decoder.Decode(Sized(4000, 4000)));

    [Fact]
    public void A_jpeg_cut_anywhere_is_unreadable()
    {
        var whole = Sample();
        for (var length = 0; length < whole.Length - 2; length += Math.Max(1, whole.Length / 50))
            Assert.Throws<UnreadableImageException>(() => Decoder.Decode(whole.AsSpan(0, length)));
    }

    [Fact]
    public void A_jpeg_that_is_corrupt_inside_passes_for_a_jpeg_and_is_unreadable()
    {
        var corrupt = CorruptJpeg.From(Sample());
        Assert.Equal([0xFF, 0xD8], corrupt[..2]);
        Assert.Equal([0xFF, 0xD9], corrupt[^2..]);
        Assert.Throws<UnreadableImageException>(() => Decoder.Decode(corrupt));
    }

    [Fact]
    public void Other_bytes_are_unreadable()
    {
        foreach (var bytes in new byte[][] { [], [0xFF], [0xFF, 0xD8], [0xFF, 0xD8, 0xFF, 0xD9], [.. "\u0089PNG\r\n"u8], new byte[1000] })
            Assert.Throws<UnreadableImageException>(() => Decoder.Decode(bytes));
    }

    [Fact]
    public void Whatever_byte_is_damaged_the_answer_is_an_image_or_unreadable()
    {
        var whole = Sample();
        var random = new Random(4711);
        for (var i = 0; i < 300; i++)
        {
            var damaged = whole.ToArray();
            damaged[random.Next(2, damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Decoder.Decode(damaged).Dispose();
            }
            catch (UnreadableImageException)
            {
                // the other allowed answer
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var problem = Assert.Throws<ArgumentOutOfRangeException>(() => new JpegDecoder(new JpegDecoderOptions { MaxSourcePixels = 1 }));
        Assert.Equal("MaxSourcePixels", problem.ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JpegDecoder(new JpegDecoderOptions { MaxProgressivePixels = 1 }));
    }

    private static byte[] Sample()
    {
        using var image = Gradient(320, 240);
        return JpegEncoder.Encode(image);
    }

    /// <summary>A JPEG whose header claims another size (SOF0: FF C0, length, precision, height, width).</summary>
    private static byte[] Sized(ushort width, ushort height)
    {
        var jpeg = Sample();
        var frame = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), width);
        return jpeg;
    }

    /// <summary>Colours that vary smoothly, with a little texture so that the compressed data is not all alike.</summary>
    private static RgbImage Gradient(int width, int height)
    {
        var image = new RgbImage(width, height);
        var pixels = image.Pixels;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = ((y * width) + x) * 3;
                pixels[at] = (byte)(x * 255 / width);
                pixels[at + 1] = (byte)(y * 255 / height);
                pixels[at + 2] = (byte)(128 + (40 * Math.Sin(x / 9.0) * Math.Cos(y / 7.0)));
            }
        }

        return image;
    }
}
