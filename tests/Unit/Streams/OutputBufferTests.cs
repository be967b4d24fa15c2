using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>The buffer of outputs against a plain list of copies, over sizes around its block's and several rounds of reuse.</summary>
public sealed class OutputBufferTests
{
    private sealed record Plain(string Topic, int Partition, long TimestampMs, byte[]? Key, byte[]? Value, RecordHeaders? Headers);

    [Fact]
    public void Every_record_comes_out_as_it_went_in_also_when_the_buffer_is_reused()
    {
        var bytes = Gen.OneOf(
            Gen.Constant<byte[]?>(null), Gen.Constant<byte[]?>([]), Gen.Choose(1, 300).Select(n => (byte[]?)Filled(n)),
            Gen.Elements(64 * 1024, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 700_000).Select(n => (byte[]?)Filled(n)));
        var record = from topic in Gen.Elements("a", "b", "c")
                     from partition in Gen.Choose(-1, 5)
                     from time in Gen.Choose(-1, 1000)
                     from key in bytes
                     from value in bytes
                     from headers in Gen.Choose(0, 2)
                     select new Plain(topic, partition, time, key, value, headers == 0 ? null : new RecordHeaders(Enumerable.Range(0, headers).Select(i => new RecordHeader($"h{i}", [(byte)i]))));
        var rounds = Gen.Choose(0, 12).SelectMany(n => Gen.ArrayOf(record, n)).SelectMany(a => Gen.Constant(a));
        Prop.ForAll(Gen.ArrayOf(rounds, 3).ToArbitrary(), all =>
        {
            var buffer = new OutputBuffer();
            foreach (var round in all)
            {
                foreach (var r in round) buffer.Add(new OutputRecord(r.Topic, r.Partition, r.TimestampMs, r.Key, r.Value, r.Headers));
                Assert.Equal(round.Length, buffer.Count);
                Assert.True(buffer.Bytes >= round.Sum(r => (long)(r.Key?.Length ?? 0) + (r.Value?.Length ?? 0)));
                for (var i = 0; i < round.Length; i++)
                {
                    var read = buffer[i];
                    Assert.Equal((round[i].Topic, round[i].Partition, round[i].TimestampMs), (read.Topic, read.Partition, read.TimestampMs));
                    Assert.True((round[i].Key ?? []).AsSpan().SequenceEqual(read.Key) && read.HasKey == round[i].Key is not null);
                    Assert.True((round[i].Value ?? []).AsSpan().SequenceEqual(read.Value) && read.HasValue == round[i].Value is not null);
                    Assert.Same(round[i].Headers, read.Headers);
                }
                buffer.Clear();
                Assert.Equal((0, 0L), (buffer.Count, buffer.Bytes));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)(i * 31 + length);
        return bytes;
    }
}
