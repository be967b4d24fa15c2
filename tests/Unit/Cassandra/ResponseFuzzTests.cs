using System.Net;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>Valid frames of every kind, and what comes of them when bytes change: an answer or an error, in bounded memory.</summary>
public sealed class ResponseFuzzTests
{
    [Fact]
    public void Every_kind_is_read_as_what_it_is()
    {
        Type[] kinds = [.. ResponseSamples.All().Select(sample => ResponseDecoder.Read(sample.Header, sample.Body).GetType())];
        Assert.Equal(
            typeof(Response).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Response)) && !type.IsAbstract).OrderBy(type => type.Name),
            kinds.Distinct().OrderBy(type => type.Name));
        string[] details = [.. ResponseSamples.All().Select(sample => ResponseDecoder.Read(sample.Header, sample.Body)).OfType<ErrorResponse>().Select(error => error.Details?.GetType().Name ?? "-").Distinct()];
        Assert.Equal(typeof(ErrorDetails).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(ErrorDetails))) + 1, details.Length);
    }

    [Fact]
    public void Trace_warnings_and_payload_stand_before_the_message()
    {
        (FrameHeader header, byte[] body) = ResponseSamples.Flagged();
        Response response = ResponseDecoder.Read(header, body);
        Assert.Equal(["slow", "large"], response.Warnings!);
        Assert.NotNull(response.TracingId);
        Assert.Equal([1, 2], response.CustomPayload!["k"]);
    }

    [Fact]
    public void Cells_are_found_and_nulls_are_null()
    {
        (FrameHeader header, byte[] body) = ResponseSamples.All().First(sample => ResponseDecoder.Read(sample.Header, sample.Body) is RowsResult { RowCount: > 0 });
        RowsResult rows = (RowsResult)ResponseDecoder.Read(header, body);
        Assert.Equal((2, 3), (rows.RowCount, rows.Metadata.ColumnCount));
        Assert.Equal([0, 0, 0, 7], rows.Cell(0, 0)!.Value.ToArray());
        Assert.Null(rows.Cell(0, 1));
        Assert.Equal([9], rows.Cell(1, 2)!.Value.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Cell(0, 3));
    }

    [Fact]
    public void Mutated_frames_are_answers_or_errors_in_bounded_memory()
    {
        Random random = new(20_261_128);
        (FrameHeader Header, byte[] Body)[] samples = [.. ResponseSamples.All()];
        int answers = 0, errors = 0;
        for (int i = 0; i < 200_000; i++)
        {
            (FrameHeader header, byte[] body) = samples[random.Next(samples.Length)];
            byte[] mutated = Mutate(body, random);
            FrameHeader changed = header with { BodyLength = mutated.Length, Flags = random.Next(10) == 0 ? (FrameFlags)random.Next(32) : header.Flags };
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ResponseDecoder.Read(changed, mutated);
                answers++;
            }
            catch (DriverException)
            {
                errors++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        }
        Assert.True(answers > 1000 && errors > 1000, $"{answers} answers, {errors} errors");
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        byte[] mutated = random.Next(4) == 0 ? body[..random.Next(body.Length + 1)] : (byte[])body.Clone();
        for (int n = random.Next(5); n > 0 && mutated.Length > 0; n--)
        {
            int at = random.Next(mutated.Length);
            mutated[at] = random.Next(4) switch
            {
                0 => (byte)(mutated[at] ^ (1 << random.Next(8))),
                1 => 0xFF,
                2 => 0x7F,
                _ => (byte)random.Next(256),
            };
        }
        return mutated;
    }
}
