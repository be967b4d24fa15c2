using Cassandra;
using Cassandra.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class SegmentTests
{
    private const int MaxFrame = 1 << 20;

    /// <summary>Frames of many sizes, the limits of a segment among them, of noise (does not compress) or of one byte (does).</summary>
    private static readonly Gen<byte[]> Bodies =
        from size in Gen.Frequency((8, Gen.Choose(0, 300)), (2, Gen.Choose(131_050, 131_090)), (1, Gen.Choose(0, 400_000)))
        from noise in Gen.Elements(true, false)
        from seed in Gen.Choose(0, 1_000_000)
        select Body(size, noise, seed);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_come_back_whole_however_the_bytes_are_cut(bool compressed) =>
        Prop.ForAll(Gen.ListOf(Bodies).ToArbitrary(), Gen.Choose(1, 200_000).ToArbitrary(), (bodies, chunk) =>
        {
            byte[] wire = Pack(bodies, compressed);
            List<byte[]> got = Unpack(wire, compressed, chunk);
            return bodies.Count == got.Count && bodies.Zip(got).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_is_an_error_or_leaves_the_reader_waiting(bool compressed) =>
        Prop.ForAll(Gen.NonEmptyListOf(Bodies).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (bodies, where) =>
        {
            byte[] wire = Pack(bodies, compressed);
            int bit = where % (wire.Length * 8);
            wire[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Every bit is under a checksum: at most the frames before the damage arrive, unharmed.
                List<byte[]> got = Unpack(wire, compressed, wire.Length);
                return got.Count < bodies.Count;
            }
            catch (MalformedDataException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_does_not_shrink_goes_uncompressed_within_a_compressed_connection()
    {
        byte[] wire = Pack([Body(1000, noise: true, 1)], compressed: true);
        Assert.Equal(8 + FrameHeader.Size + 1000 + 4, wire.Length);
        Assert.Equal(0, wire[2] >> 1 | wire[3] | (wire[4] & 0x03)); // the 17 bits of the uncompressed length
        Assert.True(Pack([Body(1000, noise: false, 1)], compressed: true).Length < 100);
    }

    [Fact]
    public void Small_frames_share_a_segment()
    {
        byte[] wire = Pack([.. Enumerable.Range(0, 10).Select(i => Body(20, noise: true, i))], compressed: false);
        Assert.Equal(6 + (10 * (FrameHeader.Size + 20)) + 4, wire.Length);
    }

    [Fact]
    public void A_frame_over_the_limit_is_refused_before_its_bytes_are_held()
    {
        using SegmentReader reader = new(compressed: false, maxFrameBytes: 100_000);
        byte[] wire = Pack([new byte[200_000]], compressed: false);
        Assert.Throws<MalformedDataException>(() => reader.Read(wire, (in FrameHeader _, ReadOnlySpan<byte> _) => { }));
    }

    [Fact]
    public void A_segment_that_decompresses_to_another_length_is_refused()
    {
        using CqlWriter to = new();
        SegmentWriter writer = new(compressed: true);
        writer.WriteSegment(Frame(new byte[5000]), selfContained: true, to);
        byte[] wire = to.ToArray();
        ulong header = 0;
        for (int i = 4; i >= 0; i--)
        {
            header = (header << 8) | wire[i];
        }
        header += 1UL << 17; // one byte more than there is, under a right checksum
        int crc = Checksums.Crc24(header, 5);
        for (int i = 0; i < 8; i++)
        {
            wire[i] = (byte)(i < 5 ? header >> (8 * i) : (ulong)(crc >> (8 * (i - 5))));
        }
        using SegmentReader reader = new(compressed: true, MaxFrame);
        Assert.Throws<MalformedDataException>(() => reader.Read(wire, (in FrameHeader _, ReadOnlySpan<byte> _) => { }));
    }

    private static byte[] Body(int size, bool noise, int seed)
    {
        byte[] body = new byte[size];
        if (noise)
        {
            new Random(seed).NextBytes(body);
        }
        return body;
    }

    private static byte[] Frame(byte[] body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader(FrameHeader.ResponseV5, FrameFlags.None, 7, Opcode.Result, body.Length).Write(frame);
        body.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    private static byte[] Pack(IEnumerable<byte[]> bodies, bool compressed)
    {
        using CqlWriter to = new();
        new SegmentWriter(compressed).Write(bodies.SelectMany(Frame).ToArray(), to);
        return to.ToArray();
    }

    private static List<byte[]> Unpack(byte[] wire, bool compressed, int chunk)
    {
        List<byte[]> bodies = [];
        using SegmentReader reader = new(compressed, MaxFrame);
        int from = 0;
        for (int to = Math.Min(chunk, wire.Length); ; to = Math.Min(to + chunk, wire.Length))
        {
            from += reader.Read(wire.AsSpan(from..to), (in FrameHeader _, ReadOnlySpan<byte> body) => bodies.Add(body.ToArray()));
            if (to == wire.Length)
            {
                return bodies;
            }
        }
    }
}
