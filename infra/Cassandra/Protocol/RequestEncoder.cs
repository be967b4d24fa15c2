namespace Cassandra.Protocol;

/// <summary>Writes requests as frames of protocol v5 (section 4.1).</summary>
internal static class RequestEncoder
{
    [Flags]
    private enum QueryFlags
    {
        Values = 0x01,
        SkipMetadata = 0x02,
        PageSize = 0x04,
        PagingState = 0x08,
        SerialConsistency = 0x10,
        Timestamp = 0x20,
        Names = 0x40,
        Keyspace = 0x80,
    }

    /// <summary>Appends one frame. When it throws, what was written stays: the caller truncates.</summary>
    /// <exception cref="InvalidQueryException">A count or length is over what the protocol can say, or the body over <paramref name="maxBodyBytes"/>.</exception>
    public static void Write(Request request, short stream, CqlWriter to, int maxBodyBytes)
    {
        int at = to.Length;
        to.Reserve(FrameHeader.Size);
        (Opcode opcode, FrameFlags flags) = WriteBody(request, to);
        int body = to.Length - at - FrameHeader.Size;
        if (body > maxBodyBytes)
        {
            throw new InvalidQueryException($"A request of {body} bytes is over the limit of {maxBodyBytes}.");
        }
        to.PatchHeader(at, new FrameHeader(FrameHeader.RequestV5, flags, stream, opcode, body));
    }

    private static (Opcode Opcode, FrameFlags Flags) WriteBody(Request request, CqlWriter to)
    {
        switch (request)
        {
            case ExecuteRequest execute:
                FrameFlags executeFlags = WritePayload(execute.Options.Tracing, execute.Options.CustomPayload, to);
                to.WriteShortBytes(execute.Id);
                to.WriteShortBytes(execute.ResultMetadataId);
                WriteOptions(execute.Options, to);
                return (Opcode.Execute, executeFlags);
            case BatchRequest batch:
                return (Opcode.Batch, WriteBatch(batch, to));
            case QueryRequest query:
                FrameFlags queryFlags = WritePayload(query.Options.Tracing, query.Options.CustomPayload, to);
                to.WriteLongString(query.Cql);
                WriteOptions(query.Options, to);
                return (Opcode.Query, queryFlags);
            case PrepareRequest prepare:
                return (Opcode.Prepare, WritePrepare(prepare, to));
            case StartupRequest startup:
                to.WriteStringMap(startup.Options);
                return (Opcode.Startup, FrameFlags.None);
            case OptionsRequest:
                return (Opcode.Options, FrameFlags.None);
            case AuthResponseRequest auth:
                to.WriteBytes(auth.Token);
                return (Opcode.AuthResponse, FrameFlags.None);
            case RegisterRequest register:
                to.WriteStringList(register.Events);
                return (Opcode.Register, FrameFlags.None);
            default:
                throw new ArgumentException($"No wire form for {request.GetType().Name}.", nameof(request));
        }
    }

    private static FrameFlags WritePayload(bool tracing, IReadOnlyDictionary<string, byte[]>? payload, CqlWriter to)
    {
        FrameFlags flags = tracing ? FrameFlags.Tracing : FrameFlags.None;
        if (payload is null)
        {
            return flags;
        }
        to.WriteBytesMap(payload);
        return flags | FrameFlags.CustomPayload;
    }

    private static FrameFlags WritePrepare(PrepareRequest prepare, CqlWriter to)
    {
        FrameFlags flags = WritePayload(prepare.Tracing, prepare.CustomPayload, to);
        to.WriteLongString(prepare.Cql);
        to.WriteInt(prepare.Keyspace is null ? 0 : 1);
        if (prepare.Keyspace is not null)
        {
            to.WriteString(prepare.Keyspace);
        }
        return flags;
    }

    private static FrameFlags WriteBatch(BatchRequest batch, CqlWriter to)
    {
        FrameFlags frame = WritePayload(batch.Tracing, batch.CustomPayload, to);
        to.WriteByte((byte)batch.Kind);
        to.WriteShort(batch.Entries.Count);
        for (int i = 0; i < batch.Entries.Count; i++)
        {
            BatchEntry entry = batch.Entries[i];
            to.WriteByte((byte)(entry.PreparedId is null ? 0 : 1));
            if (entry.PreparedId is null)
            {
                to.WriteLongString(entry.Cql ?? throw new InvalidQueryException("A statement of a batch has neither text nor id."));
            }
            else
            {
                to.WriteShortBytes(entry.PreparedId);
            }
            WriteValues(entry.Values, null, to);
        }
        QueryFlags flags = (batch.SerialConsistency is null ? 0 : QueryFlags.SerialConsistency)
            | (batch.TimestampMicros is null ? 0 : QueryFlags.Timestamp)
            | (batch.Keyspace is null ? 0 : QueryFlags.Keyspace);
        to.WriteShort((int)batch.Consistency);
        to.WriteInt((int)flags);
        WriteTail(batch.SerialConsistency, batch.TimestampMicros, batch.Keyspace, to);
        return frame;
    }

    private static void WriteOptions(QueryOptions options, CqlWriter to)
    {
        QueryFlags flags = (options.Values.Count == 0 ? 0 : QueryFlags.Values)
            | (options.Values.Count == 0 || options.ValueNames is null ? 0 : QueryFlags.Names)
            | (options.SkipMetadata ? QueryFlags.SkipMetadata : 0)
            | (options.PageSize is null ? 0 : QueryFlags.PageSize)
            | (options.PagingState is null ? 0 : QueryFlags.PagingState)
            | (options.SerialConsistency is null ? 0 : QueryFlags.SerialConsistency)
            | (options.TimestampMicros is null ? 0 : QueryFlags.Timestamp)
            | (options.Keyspace is null ? 0 : QueryFlags.Keyspace);
        to.WriteShort((int)options.Consistency);
        to.WriteInt((int)flags);
        if (options.Values.Count > 0)
        {
            WriteValues(options.Values, options.ValueNames, to);
        }
        if (options.PageSize is { } pageSize)
        {
            to.WriteInt(pageSize);
        }
        if (options.PagingState is { } pagingState)
        {
            to.WriteBytes(pagingState);
        }
        WriteTail(options.SerialConsistency, options.TimestampMicros, options.Keyspace, to);
    }

    private static void WriteTail(ConsistencyLevel? serial, long? timestampMicros, string? keyspace, CqlWriter to)
    {
        if (serial is { } level)
        {
            to.WriteShort((int)level);
        }
        if (timestampMicros is { } micros)
        {
            to.WriteLong(micros);
        }
        if (keyspace is not null)
        {
            to.WriteString(keyspace);
        }
    }

    private static void WriteValues(IReadOnlyList<ReadOnlyMemory<byte>?> values, IReadOnlyList<string>? names, CqlWriter to)
    {
        if (names is not null && names.Count != values.Count)
        {
            throw new InvalidQueryException($"{values.Count} values and {names.Count} names.");
        }
        to.WriteShort(values.Count);
        if (names is null && values is EncodedValues encoded)
        {
            to.WriteRaw(encoded.Wire.Span);
            return;
        }
        for (int i = 0; i < values.Count; i++)
        {
            if (names is not null)
            {
                to.WriteString(names[i]);
            }
            WriteValue(values[i], to);
        }
    }

    private static void WriteValue(ReadOnlyMemory<byte>? value, CqlWriter to)
    {
        if (value is not { } bytes)
        {
            to.WriteNull();
        }
        else if (EncodedValues.IsUnset(bytes))
        {
            to.WriteUnset();
        }
        else
        {
            to.WriteBytes(bytes.Span);
        }
    }
}
