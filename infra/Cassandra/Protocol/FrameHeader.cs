using System.Buffers.Binary;

namespace Cassandra.Protocol;

/// <summary>Opcodes of section 2.4.</summary>
internal enum Opcode : byte
{
    Error = 0x00,
    Startup = 0x01,
    Ready = 0x02,
    Authenticate = 0x03,
    Options = 0x05,
    Supported = 0x06,
    Query = 0x07,
    Result = 0x08,
    Prepare = 0x09,
    Execute = 0x0A,
    Register = 0x0B,
    Event = 0x0C,
    Batch = 0x0D,
    AuthChallenge = 0x0E,
    AuthResponse = 0x0F,
    AuthSuccess = 0x10,
}

/// <summary>Flags of section 2.2; compression is a matter of segments in v5.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    Compression = 0x01,
    Tracing = 0x02,
    CustomPayload = 0x04,
    Warning = 0x08,
    UseBeta = 0x10,
}

/// <summary>The nine bytes before every message: version, flags, stream, opcode, body length.</summary>
internal readonly record struct FrameHeader(byte Version, FrameFlags Flags, short Stream, Opcode Opcode, int BodyLength)
{
    public const int Size = 9;
    public const byte RequestV5 = 0x05;
    public const byte ResponseV5 = 0x85;

    /// <exception cref="MalformedDataException">The length is negative or over <paramref name="maxBodyLength"/>.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes, int maxBodyLength)
    {
        FrameHeader header = new(
            bytes[0], (FrameFlags)bytes[1], BinaryPrimitives.ReadInt16BigEndian(bytes[2..]), (Opcode)bytes[4], BinaryPrimitives.ReadInt32BigEndian(bytes[5..]));
        return header.BodyLength >= 0 && header.BodyLength <= maxBodyLength
            ? header
            : throw new MalformedDataException($"A frame of {header.BodyLength} bytes where at most {maxBodyLength} are allowed.");
    }

    public void Write(Span<byte> bytes)
    {
        bytes[0] = Version;
        bytes[1] = (byte)Flags;
        BinaryPrimitives.WriteInt16BigEndian(bytes[2..], Stream);
        bytes[4] = (byte)Opcode;
        BinaryPrimitives.WriteInt32BigEndian(bytes[5..], BodyLength);
    }
}
