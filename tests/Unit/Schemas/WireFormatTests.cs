using Google.Protobuf.Reflection;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Schemas;

public sealed class WireFormatTests
{
    [Fact]
    public void First_message_of_a_file_has_the_short_form_of_its_indexes() =>
        Assert.Equal("00-00-00-01-2C-00", BitConverter.ToString(WireFormat.Prefix(300, SessionState.Descriptor)));

    [Fact]
    public void Later_message_has_count_and_index_as_zigzag_varints() =>
        Assert.Equal("00-00-00-00-07-02-02", BitConverter.ToString(WireFormat.Prefix(7, Consents.Descriptor)));

    [Fact]
    public void Nested_message_is_counted_from_the_outermost()
    {
        Assert.Equal([2, 0], WireFormat.IndexesOf(DescriptorProto.Types.ExtensionRange.Descriptor));
        Assert.Equal("04-04-00", BitConverter.ToString(WireFormat.EncodeIndexes([2, 0])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(300)]
    [InlineData(100_000)]
    public void Indexes_survive_the_round_trip(int index)
    {
        byte[] data = [0, 0, 0, 0, 1, .. WireFormat.EncodeIndexes([index, 0, index]), 0xAA];
        int length = WireFormat.ReadPrefix(data, out int id, out IReadOnlyList<int> indexes);
        Assert.Equal((data.Length - 1, 1), (length, id));
        Assert.Equal([index, 0, index], indexes);
        Assert.Equal(length, WireFormat.PrefixLength(data));
    }

    [Theory]
    [InlineData("", "shorter")]
    [InlineData("0000000001", "shorter")]
    [InlineData("010000000100", "0x01")]
    [InlineData("7b226122", "shorter")]
    [InlineData("7b22612231313131", "0x7b")]
    [InlineData("000000000101", "count of -1")]
    [InlineData("000000000104", "cut short")]
    [InlineData("00000000010402", "cut short")]
    [InlineData("0000000001ffffffffff01", "more than 5 bytes")]
    [InlineData("0000000001feffff0f", "count of")]
    public void Anything_else_is_malformed_and_says_why(string hex, string why)
    {
        byte[] data = Convert.FromHexString(hex);
        Assert.Contains(why, Assert.Throws<MalformedEventException>(() => WireFormat.ReadPrefix(data, out _, out _)).Message, StringComparison.Ordinal);
    }
}
