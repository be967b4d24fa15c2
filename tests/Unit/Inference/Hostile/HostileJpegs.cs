using System.Buffers.Binary;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Unit.Inference.Hostile;

/// <summary>Frames that someone made to harm a decoder, generated; none is larger than the gateway lets in (512 KiB) unless it says so.</summary>
internal static class HostileJpegs
{
    private const int MaxSegment = 65_533;
    private const int Progressive = 16384;
    private const int PixelFormatCmyk = 11;
    private const int Subsampling444 = 0;

    /// <summary>Must be refused: name and content.</summary>
    public static IEnumerable<(string Name, byte[] Jpeg)> Refused()
    {
        var plain = Plain(320, 240);
        foreach (var (name, marker, intro) in new[] { ("EXIF", 0xE1, "Exif\0\0"), ("ICC profile", 0xE2, "ICC_PROFILE\0"), ("APP13", 0xED, "Photoshop 3.0\0"), ("comment", 0xFE, "") })
            yield return ($"400 KiB of {name}", WithSegments(plain, 7, (byte)marker, intro, 58_000));
        yield return ("10,000 empty comments", WithSegments(plain, 10_000, 0xFE, "", 0));
        yield return ("a segment longer than the file", Patched(plain, 4, 0xFF, 0xFF));
        yield return ("20,000 x 20,000", Sized(plain, 20_000, 20_000));
        yield return ("65,535 x 65,535", Sized(plain, 65_535, 65_535));
        yield return ("height 0", Sized(plain, 320, 0));
        yield return ("width 0", Sized(plain, 0, 240));
        yield return ("4,000 x 4,000 with the data of 320 x 240", Sized(plain, 4_000, 4_000));
        yield return ("progressive, 4,000 x 4,000 with the data of 320 x 240", Sized(Encoded(320, 240, Progressive), 4_000, 4_000));
        yield return ("progressive 4:4:4 of 3,000 x 2,500", Encoded(3000, 2500, Progressive, Subsampling444));
        yield return ("progressive with 1,000 more scans", WithScans(Encoded(64, 64, Progressive), 1_000));
        yield return ("progressive with 100 more scans of 2,600 x 2,600", WithScans(Encoded(2600, 2600, Progressive), 100));
        yield return ("arithmetic coding", Frame(plain, 0xC9));
        yield return ("lossless", Frame(plain, 0xC3));
        yield return ("hierarchical", Frame(plain, 0xC5));
        yield return ("12 bits per sample", Patched(plain, FrameAt(plain) + 4, 12));
        yield return ("16 bits per sample", Patched(plain, FrameAt(plain) + 4, 16));
        yield return ("CMYK", Cmyk(320, 240));
        yield return ("two frames", TwoFrames(plain));
        yield return ("sampling factors 0 x 0", Patched(plain, FrameAt(plain) + 11, 0));
        yield return ("sampling factors 15 x 15", Patched(plain, FrameAt(plain) + 11, 0xFF));
        yield return ("restart interval 1 without restarts", WithRestartInterval(plain, 1));
        yield return ("65,535 fill bytes and nothing else", [0xFF, 0xD8, .. Enumerable.Repeat((byte)0xFF, 65_535)]);
        yield return ("400 KiB of restart markers", [.. plain[..ScanData(plain)], .. Enumerable.Range(0, 200_000).SelectMany(i => new byte[] { 0xFF, (byte)(0xD0 + (i % 8)) }), 0xFF, 0xD9]);
        yield return ("only the end", [0xFF, 0xD8, 0xFF, 0xD9]);
        yield return ("nothing", []);
        yield return ("a thumbnail in EXIF, then nothing", [.. WithSegments(plain, 1, 0xE1, "Exif\0\0", 0, Plain(160, 120))[..(Plain(160, 120).Length + 12)], 0xFF, 0xD9]);
        for (var part = 1; part < 10; part++)
            yield return ($"cut at {part}0 %", plain[..(plain.Length * part / 10)]);
    }

    /// <summary>Unusual and harmless; must be decoded at 320 x 240.</summary>
    public static IEnumerable<(string Name, byte[] Jpeg)> Accepted()
    {
        var plain = Plain(320, 240);
        yield return ("a thumbnail of 160 x 120 in EXIF", WithSegments(plain, 1, 0xE1, "Exif\0\0", 0, Plain(160, 120)));
        yield return ("100 KiB of metadata", WithSegments(plain, 2, 0xE1, "Exif\0\0", 50_000));
        yield return ("progressive", Encoded(320, 240, Progressive));
        yield return ("something behind the end", [.. plain, .. new byte[10_000]]);
        yield return ("fill bytes before a marker", [.. plain[..2], 0xFF, 0xFF, 0xFF, .. plain[2..]]);
    }

    public static byte[] Plain(int width, int height) => Encoded(width, height, 0);

    public static byte[] Encoded(int width, int height, int flags, int subsampling = TurboJpegNative.Subsampling420)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((i / 3 % width * 255 / width) + (i / 3 / width % 16));
        return JpegEncoder.Encode(pixels, width, height, TurboJpegNative.PixelFormatRgb, subsampling, 75, flags);
    }

    private static byte[] Cmyk(int width, int height) =>
        JpegEncoder.Encode(new byte[width * height * 4], width, height, PixelFormatCmyk, Subsampling444, 75, 0);

    private static byte[] WithSegments(byte[] jpeg, int count, byte marker, string intro, int fill, byte[]? content = null)
    {
        byte[] body = [.. intro.Select(c => (byte)c), .. content ?? [], .. new byte[fill]];
        Assert.InRange(body.Length, 0, MaxSegment);
        var segment = new byte[body.Length + 4];
        (segment[0], segment[1]) = (0xFF, marker);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(body.Length + 2));
        body.CopyTo(segment, 4);
        return [.. jpeg[..2], .. Enumerable.Repeat(segment, count).SelectMany(each => each), .. jpeg[2..]];
    }

    /// <summary>Repeats the last scan, headers and data.</summary>
    private static byte[] WithScans(byte[] jpeg, int count)
    {
        var last = jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xDA]);
        var scan = jpeg[last..^2];
        return [.. jpeg[..^2], .. Enumerable.Repeat(scan, count).SelectMany(each => each), 0xFF, 0xD9];
    }

    private static byte[] WithRestartInterval(byte[] jpeg, ushort interval)
    {
        var frame = FrameAt(jpeg);
        return [.. jpeg[..frame], 0xFF, 0xDD, 0, 4, (byte)(interval >> 8), (byte)interval, .. jpeg[frame..]];
    }

    private static byte[] TwoFrames(byte[] jpeg)
    {
        var frame = FrameAt(jpeg);
        var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(frame + 2)) + 2;
        return [.. jpeg[..frame], .. jpeg[frame..(frame + length)], .. jpeg[frame..]];
    }

    private static byte[] Sized(byte[] jpeg, ushort width, ushort height)
    {
        var frame = FrameAt(jpeg);
        return Patched(jpeg, frame + 5, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width);
    }

    private static byte[] Frame(byte[] jpeg, byte marker) => Patched(jpeg, FrameAt(jpeg) + 1, marker);

    private static byte[] Patched(byte[] jpeg, int at, params byte[] bytes)
    {
        var result = jpeg.ToArray();
        bytes.CopyTo(result, at);
        return result;
    }

    /// <summary>Place of the frame header (SOF0 or SOF2).</summary>
    private static int FrameAt(byte[] jpeg) =>
        Math.Max(jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0, 0, 17]), jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC2, 0, 17]));

    private static int ScanData(byte[] jpeg)
    {
        var scan = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xDA]);
        return scan + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(scan + 2));
    }
}
