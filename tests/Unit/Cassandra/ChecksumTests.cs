using System.Text;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>Numbers computed by Python: zlib.crc32 over FA 2D 55 CA and the payload; the CRC24 bit by bit.</summary>
public sealed class ChecksumTests
{
    [Theory]
    [InlineData(0x0UL, 3, 0x7de777)]
    [InlineData(0x20009UL, 3, 0xc1c8a4)]
    [InlineData(0x3ffffUL, 3, 0x474025)]
    [InlineData(0x0UL, 5, 0xaaac0a)]
    [InlineData(0x123456789aUL, 5, 0x40d313)]
    public void Crc24_of_headers(ulong header, int bytes, int crc) => Assert.Equal(crc, Checksums.Crc24(header, bytes));

    [Fact]
    public void Crc32_of_payloads()
    {
        Assert.Equal(0x44777ed3u, Checksums.Crc32([]));
        Assert.Equal(0xe2a261a7u, Checksums.Crc32(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0xf86f25bbu, Checksums.Crc32(new byte[32]));
        Assert.Equal(0x214de79bu, Checksums.Crc32([.. Enumerable.Range(0, 256).Select(i => (byte)i)]));
    }
}
