using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Gateway.Results;

/// <summary>
/// Windows as the shared cache holds them: one Base64 string of packed rows. They are nearly all of an interview's results (180 of 10 s in half an hour), and as JSON objects their names
/// and digits cost more than Redis does. Layout: a byte of format, the count, then per row the fields of <see cref="WindowRow"/> in order, little-endian.
/// </summary>
internal sealed class PackedWindows : JsonConverter<IReadOnlyList<WindowRow>>
{
    private const byte Format = 1;
    private const int RowBytes = 88; // about
    private const int MaxRows = 100_000; // eleven days of windows

    public override IReadOnlyList<WindowRow> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var bytes))
        {
            throw new JsonException("not packed windows");
        }

        try
        {
            using var packed = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            if (packed.ReadByte() != Format || packed.ReadInt32() is var count && count is < 0 or > MaxRows)
            {
                throw new JsonException("packed windows of another version");
            }

            var rows = new WindowRow[count];
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = ReadRow(packed);
            }

            return packed.BaseStream.Position == bytes.Length ? rows : throw new JsonException("more than packed windows");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new JsonException("packed windows are cut off", e);
        }
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<WindowRow> value, JsonSerializerOptions options)
    {
        using var bytes = new MemoryStream((value.Count + 1) * RowBytes);
        using var packed = new BinaryWriter(bytes, Encoding.UTF8);
        packed.Write(Format);
        packed.Write(value.Count);
        foreach (var row in value)
        {
            WriteRow(packed, row);
        }

        packed.Flush();
        writer.WriteBase64StringValue(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static WindowRow ReadRow(BinaryReader packed) => new(
        packed.ReadInt64(), packed.ReadInt64(), packed.ReadInt32(), packed.ReadInt32(), packed.ReadSingle(), packed.ReadBoolean() ? ReadMean(packed) : null,
        packed.ReadString(), packed.ReadInt32(), packed.ReadInt64(), packed.ReadInt32(), packed.ReadInt32());

    private static Probabilities ReadMean(BinaryReader packed) => new(
        packed.ReadSingle(), packed.ReadSingle(), packed.ReadSingle(), packed.ReadSingle(), packed.ReadSingle(), packed.ReadSingle(), packed.ReadSingle());

    private static void WriteRow(BinaryWriter packed, WindowRow row)
    {
        packed.Write(row.StartMs);
        packed.Write(row.EndMs);
        packed.Write(row.FramesAnalysed);
        packed.Write(row.FramesWithFace);
        packed.Write(row.FaceRatio);
        packed.Write(row.Mean is not null);
        if (row.Mean is { } mean)
        {
            packed.Write(mean.Angry);
            packed.Write(mean.Disgust);
            packed.Write(mean.Fear);
            packed.Write(mean.Happy);
            packed.Write(mean.Sad);
            packed.Write(mean.Surprise);
            packed.Write(mean.Neutral);
        }

        packed.Write(row.Dominant);
        packed.Write(row.Blinks);
        packed.Write(row.StoredAtMs);
        packed.Write(row.FramesCaptured);
        packed.Write(row.FramesSkipped);
    }
}
