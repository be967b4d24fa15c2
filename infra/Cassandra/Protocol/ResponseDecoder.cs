using System.Buffers.Binary;
using System.Net;

namespace Cassandra.Protocol;

/// <summary>Reads responses (section 4.2). What stands behind the described part of a body is ignored, as the specification asks; anything else amiss is a <see cref="MalformedDataException"/>.</summary>
internal static class ResponseDecoder
{
    public static Response Read(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Version != FrameHeader.ResponseV5)
        {
            throw new MalformedDataException($"A frame of version 0x{header.Version:X2} where 0x85 is due.");
        }
        CqlReader reader = new(body);
        if ((header.Flags & (FrameFlags.Tracing | FrameFlags.Warning | FrameFlags.CustomPayload)) == 0)
        {
            return ReadMessage(header.Opcode, ref reader);
        }
        Guid? tracing = header.Flags.HasFlag(FrameFlags.Tracing) ? reader.ReadUuid() : null;
        string[]? warnings = header.Flags.HasFlag(FrameFlags.Warning) ? reader.ReadStringList() : null;
        Dictionary<string, byte[]>? payload = header.Flags.HasFlag(FrameFlags.CustomPayload) ? reader.ReadBytesMap() : null;
        return ReadMessage(header.Opcode, ref reader) with { TracingId = tracing, Warnings = warnings, CustomPayload = payload };
    }

    private static Response ReadMessage(Opcode opcode, ref CqlReader reader) => opcode switch
    {
        Opcode.Result => ReadResult(ref reader),
        Opcode.Error => ReadError(ref reader),
        Opcode.Ready => ReadyResponse.Instance,
        Opcode.Authenticate => new AuthenticateResponse(reader.ReadString()),
        Opcode.Supported => new SupportedResponse(reader.ReadStringMultimap()),
        Opcode.Event => ReadEvent(ref reader),
        Opcode.AuthChallenge => new AuthChallenge(reader.ReadBytes()),
        Opcode.AuthSuccess => new AuthSuccess(reader.ReadBytes()),
        _ => throw new MalformedDataException($"A response of opcode 0x{(byte)opcode:X2}."),
    };

    private static Response ReadResult(ref CqlReader reader)
    {
        int kind = reader.ReadInt();
        return kind switch
        {
            1 => VoidResult.Instance,
            2 => ReadRows(ref reader),
            3 => new SetKeyspaceResult(reader.ReadString()),
            4 => ReadPrepared(ref reader),
            5 => new SchemaChangeResult(ReadSchemaChange(ref reader)),
            _ => throw new MalformedDataException($"A result of kind {kind}."),
        };
    }

    private static RowsResult ReadRows(ref CqlReader reader)
    {
        RowsMetadata metadata = TypeReader.ReadRowsMetadata(ref reader, out byte[]? pagingState, out byte[]? newMetadataId);
        int rows = reader.ReadInt();
        long cells = (long)rows * metadata.ColumnCount;
        // Each cell takes at least its length: more cells than that are a lie, and without columns rows would be free.
        if (rows < 0 || cells * 4 > reader.Remaining || (metadata.ColumnCount == 0 && rows > 0))
        {
            throw new MalformedDataException($"{rows} rows of {metadata.ColumnCount} columns where {reader.Remaining} bytes are left.");
        }
        byte[] buffer = reader.Rest().ToArray();
        int[] offsets = new int[cells];
        int at = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = at;
            int length = buffer.Length - at >= 4 ? BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at)) : int.MaxValue;
            at += 4;
            if (length > buffer.Length - at)
            {
                throw new MalformedDataException($"A value of {length} bytes where {buffer.Length - at} are left.");
            }
            at += Math.Max(0, length);
        }
        return new RowsResult(metadata, rows, pagingState, newMetadataId) { Buffer = buffer, Offsets = offsets };
    }

    private static PreparedResult ReadPrepared(ref CqlReader reader)
    {
        byte[] id = reader.ReadShortBytes();
        byte[] resultMetadataId = reader.ReadShortBytes();
        ColumnSpec[] variables = TypeReader.ReadVariables(ref reader, out int[] partitionKeyIndexes);
        return new PreparedResult(id, resultMetadataId, variables, partitionKeyIndexes, TypeReader.ReadRowsMetadata(ref reader, out _, out _));
    }

    private static SchemaChange ReadSchemaChange(ref CqlReader reader)
    {
        string change = reader.ReadString();
        string target = reader.ReadString();
        string keyspace = reader.ReadString();
        return target switch
        {
            "KEYSPACE" => new SchemaChange(change, target, keyspace, null, null),
            "FUNCTION" or "AGGREGATE" => new SchemaChange(change, target, keyspace, reader.ReadString(), reader.ReadStringList()),
            _ => new SchemaChange(change, target, keyspace, reader.ReadString(), null),
        };
    }

    private static EventResponse ReadEvent(ref CqlReader reader)
    {
        string type = reader.ReadString();
        return type switch
        {
            "TOPOLOGY_CHANGE" => new TopologyChangeEvent(reader.ReadString(), reader.ReadInet()),
            "STATUS_CHANGE" => new StatusChangeEvent(reader.ReadString(), reader.ReadInet()),
            "SCHEMA_CHANGE" => new SchemaChangeEvent(ReadSchemaChange(ref reader)),
            _ => new UnknownEvent(type),
        };
    }

    private static ErrorResponse ReadError(ref CqlReader reader)
    {
        ErrorCode code = (ErrorCode)reader.ReadInt();
        string message = reader.ReadString();
        return new ErrorResponse(code, message, ReadDetails(code, ref reader));
    }

    private static ErrorDetails? ReadDetails(ErrorCode code, ref CqlReader reader)
    {
        switch (code)
        {
            case ErrorCode.Unavailable:
                return new UnavailableDetails(reader.ReadConsistency(), reader.ReadInt(), reader.ReadInt());
            case ErrorCode.WriteTimeout:
                ConsistencyLevel consistency = reader.ReadConsistency();
                int received = reader.ReadInt();
                int blockFor = reader.ReadInt();
                string writeType = reader.ReadString();
                return new WriteTimeoutDetails(consistency, received, blockFor, writeType, writeType == "CAS" && reader.Remaining >= 2 ? reader.ReadShort() : null);
            case ErrorCode.ReadTimeout:
                return new ReadTimeoutDetails(reader.ReadConsistency(), reader.ReadInt(), reader.ReadInt(), reader.ReadByte() != 0);
            case ErrorCode.ReadFailure:
                return new ReadFailureDetails(reader.ReadConsistency(), reader.ReadInt(), reader.ReadInt(), ReadReasons(ref reader), reader.ReadByte() != 0);
            case ErrorCode.WriteFailure:
                return new WriteFailureDetails(reader.ReadConsistency(), reader.ReadInt(), reader.ReadInt(), ReadReasons(ref reader), reader.ReadString());
            case ErrorCode.CasWriteUnknown:
                return new CasWriteUnknownDetails(reader.ReadConsistency(), reader.ReadInt(), reader.ReadInt());
            case ErrorCode.FunctionFailure:
                return new FunctionFailureDetails(reader.ReadString(), reader.ReadString(), reader.ReadStringList());
            case ErrorCode.AlreadyExists:
                return new AlreadyExistsDetails(reader.ReadString(), reader.ReadString());
            case ErrorCode.Unprepared:
                return new UnpreparedDetails(reader.ReadShortBytes());
            default:
                return null;
        }
    }

    private static Dictionary<IPAddress, int> ReadReasons(ref CqlReader reader)
    {
        Dictionary<IPAddress, int> reasons = [];
        for (int n = reader.ReadCount(7); n > 0; n--)
        {
            IPAddress address = reader.ReadInetAddress();
            reasons[address] = reader.ReadShort();
        }
        return reasons;
    }
}
