using System.Buffers.Binary;

namespace StreamPlatform.Gateway.Capture;

public enum MediaKind : byte
{
    Frame = 1,
    Audio = 2,
}

/// <summary>
/// A binary message of the capture socket: byte 0 kind, byte 1 flags (bit 0 = end of answer, bit 1 = Opus), bytes 2-5 sequence (uint32 big-endian),
/// bytes 6-13 capture time (Unix ms of the client's clock, int64 big-endian), then JPEG, PCM16 little-endian mono 16 kHz, or Opus packets each after its length (16 bits big-endian).
/// </summary>
public readonly ref struct MediaMessage(MediaKind kind, bool endOfAnswer, long sequence, long capturedAtMs, ReadOnlySpan<byte> payload, bool opus = false)
{
    public const int HeaderBytes = 14;

    public MediaKind Kind { get; } = kind;

    public bool EndOfAnswer { get; } = endOfAnswer;

    public long Sequence { get; } = sequence;

    /// <summary>The audio is Opus, not PCM16.</summary>
    public bool Opus { get; } = opus;

    /// <summary>Unix milliseconds of the client's clock.</summary>
    public long CapturedAtMs { get; } = capturedAtMs;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Reads a message; null refusal means good.</summary>
    public static Refusal? TryRead(ReadOnlySpan<byte> data, out MediaMessage message)
    {
        message = default;
        if (data.Length < HeaderBytes)
        {
            return new(RefusalCodes.Malformed, $"A media message has {HeaderBytes} header bytes, this one {data.Length} in all: see the header in docs/gateway.md.");
        }

        if (data[0] is not ((byte)MediaKind.Frame or (byte)MediaKind.Audio))
        {
            return new(RefusalCodes.Malformed, $"Byte 0 of a media message is 1 (frame) or 2 (audio), not {data[0]}.");
        }

        message = new(
            (MediaKind)data[0], (data[1] & 1) != 0, BinaryPrimitives.ReadUInt32BigEndian(data[2..]),
            BinaryPrimitives.ReadInt64BigEndian(data[6..]), data[HeaderBytes..], (data[1] & 2) != 0);
        return null;
    }

    /// <summary>Writes a message, for clients and tests.</summary>
    public static byte[] Write(MediaKind kind, bool endOfAnswer, uint sequence, long capturedAtMs, ReadOnlySpan<byte> payload, bool opus = false)
    {
        var data = new byte[HeaderBytes + payload.Length];
        data[0] = (byte)kind;
        data[1] = (byte)((endOfAnswer ? 1 : 0) | (opus ? 2 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(2), sequence);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(6), capturedAtMs);
        payload.CopyTo(data.AsSpan(HeaderBytes));
        return data;
    }
}
