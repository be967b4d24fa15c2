using System.Text;
using Cassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class Murmur3PartitionerTests
{
    // Cassandra's own answers, as the drivers' test suites keep them: bytes above 0x7F in the tail show its signed reading
    public static TheoryData<byte[], long> Vectors => new()
    {
        { "123"u8.ToArray(), -7468325962851647638 },
        { Repeat([0x00, 0xff, 0x10, 0xfa, 0x99], 10), 5837342703291459765 },
        { Repeat([0xfe], 8), -8927430733708461935 },
        { Repeat([0x10], 8), 1446172840243228796 },
        { "9223372036854775807"u8.ToArray(), 7162290910810015547 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_key_has_the_token_that_Cassandra_gives_it(byte[] key, long token) => Assert.Equal(token, Murmur3Partitioner.Token(key));

    [Fact]
    public void An_empty_key_has_token_0() => Assert.Equal(0, Murmur3Partitioner.Token([]));

    [Fact]
    public void A_composite_key_holds_each_column_with_its_length_and_a_zero()
    {
        RoutingKey key = RoutingKey.Compose(new RoutingKey(Encoding.UTF8.GetBytes("ab")), new RoutingKey([7]));
        Assert.Equal([0, 2, (byte)'a', (byte)'b', 0, 0, 1, 7, 0], key.RawRoutingKey);
    }

    private static byte[] Repeat(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(part => part)];
}
