namespace Cassandra.Protocol;

/// <summary>Reads types ([option], section 4.2.5.2) and the columns that have them. Nesting is bounded, so that no frame can exhaust the stack.</summary>
internal static class TypeReader
{
    private const int MaxDepth = 32;

    public static CqlType ReadType(ref CqlReader reader, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedDataException($"A type nested more than {MaxDepth} deep.");
        }
        int id = reader.ReadShort();
        switch ((ColumnTypeCode)id)
        {
            case ColumnTypeCode.Custom:
                return ClassNameParser.Parse(reader.ReadString());
            case ColumnTypeCode.List:
                return CqlType.List(ReadType(ref reader, depth + 1));
            case ColumnTypeCode.Set:
                return CqlType.Set(ReadType(ref reader, depth + 1));
            case ColumnTypeCode.Map:
                CqlType key = ReadType(ref reader, depth + 1);
                return CqlType.Map(key, ReadType(ref reader, depth + 1));
            case ColumnTypeCode.Tuple:
                CqlType[] components = new CqlType[reader.ReadShortCount(2)];
                for (int i = 0; i < components.Length; i++)
                {
                    components[i] = ReadType(ref reader, depth + 1);
                }
                return CqlType.Tuple(components);
            case ColumnTypeCode.Udt:
                return ReadUdt(ref reader, depth);
            default:
                return id < 0x16 ? CqlType.Of((ColumnTypeCode)id) : throw new MalformedDataException($"A type of id {id}.");
        }
    }

    /// <summary>Metadata of rows (section 4.2.5.2).</summary>
    public static RowsMetadata ReadRowsMetadata(ref CqlReader reader, out byte[]? pagingState, out byte[]? newMetadataId)
    {
        int flags = reader.ReadInt();
        int columns = reader.ReadInt();
        if (columns is < 0 or > ushort.MaxValue)
        {
            throw new MalformedDataException($"{columns} columns.");
        }
        pagingState = (flags & 0x0002) != 0 ? reader.ReadBytes() : null;
        newMetadataId = (flags & 0x0008) != 0 ? reader.ReadShortBytes() : null;
        return new RowsMetadata(columns, (flags & 0x0004) != 0 ? null : ReadColumns(ref reader, columns, (flags & 0x0001) != 0));
    }

    /// <summary>Metadata of a prepared statement's markers (section 4.2.5.4).</summary>
    public static ColumnSpec[] ReadVariables(ref CqlReader reader, out int[] partitionKeyIndexes)
    {
        int flags = reader.ReadInt();
        int columns = reader.ReadInt();
        if (columns is < 0 or > ushort.MaxValue)
        {
            throw new MalformedDataException($"{columns} bind markers.");
        }
        partitionKeyIndexes = new int[reader.ReadCount(2)];
        for (int i = 0; i < partitionKeyIndexes.Length; i++)
        {
            int index = reader.ReadShort();
            partitionKeyIndexes[i] = index < columns ? index : throw new MalformedDataException($"A partition key at marker {index} of {columns}.");
        }
        return (flags & 0x0004) != 0 ? [] : ReadColumns(ref reader, columns, (flags & 0x0001) != 0);
    }

    private static ColumnSpec[] ReadColumns(ref CqlReader reader, int count, bool global)
    {
        if ((long)count * 4 > reader.Remaining)
        {
            throw new MalformedDataException($"{count} columns where {reader.Remaining} bytes are left.");
        }
        string keyspace = "", table = "";
        if (global)
        {
            keyspace = reader.ReadString();
            table = reader.ReadString();
        }
        ColumnSpec[] columns = new ColumnSpec[count];
        for (int i = 0; i < count; i++)
        {
            if (!global)
            {
                keyspace = reader.ReadString();
                table = reader.ReadString();
            }
            string name = reader.ReadString();
            columns[i] = new ColumnSpec(keyspace, table, name, ReadType(ref reader));
        }
        return columns;
    }

    private static CqlType ReadUdt(ref CqlReader reader, int depth)
    {
        string keyspace = reader.ReadString();
        string name = reader.ReadString();
        int count = reader.ReadShortCount(4);
        string[] names = new string[count];
        CqlType[] types = new CqlType[count];
        for (int i = 0; i < count; i++)
        {
            names[i] = reader.ReadString();
            types[i] = ReadType(ref reader, depth + 1);
        }
        return CqlType.Udt(keyspace, name, names, types);
    }
}
