using System.Buffers.Binary;
using System.Net;
using System.Text;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.TestCassandra;

/// <summary>A response's opcode and body, written as section 4.2 of the specification says.</summary>
internal sealed record CqlAnswer(Opcode Opcode, byte[] Body)
{
    public static readonly CqlAnswer Ready = new(Opcode.Ready, []);

    public static readonly CqlAnswer Void = Of(Opcode.Result, writer => writer.WriteInt(1));

    public static CqlAnswer Of(Opcode opcode, Action<CqlWriter> write)
    {
        using CqlWriter writer = new();
        write(writer);
        return new CqlAnswer(opcode, writer.ToArray());
    }

    public static CqlAnswer Supported() => Of(Opcode.Supported, writer =>
    {
        writer.WriteShort(2);
        writer.WriteString("CQL_VERSION");
        writer.WriteStringList(["3.4.7"]);
        writer.WriteString("COMPRESSION");
        writer.WriteStringList(["lz4"]);
    });

    public static CqlAnswer Error(int code, string message, Action<CqlWriter>? details = null) => Of(Opcode.Error, writer =>
    {
        writer.WriteInt(code);
        writer.WriteString(message);
        details?.Invoke(writer);
    });

    public static CqlAnswer SetKeyspace(string keyspace) => Of(Opcode.Result, writer =>
    {
        writer.WriteInt(3);
        writer.WriteString(keyspace);
    });

    public static CqlAnswer SchemaChange(string change, string target, string keyspace, string table) => Of(Opcode.Result, writer =>
    {
        writer.WriteInt(5);
        writer.WriteString(change);
        writer.WriteString(target);
        writer.WriteString(keyspace);
        writer.WriteString(table);
    });

    /// <summary>Marks and columns are all text; the first mark is the partition key.</summary>
    public static CqlAnswer Prepared(byte[] id, byte[] metadataId, int marks, string[] columns) => Of(Opcode.Result, writer =>
    {
        writer.WriteInt(4);
        writer.WriteShortBytes(id);
        writer.WriteShortBytes(metadataId);
        writer.WriteInt(0x01);
        writer.WriteInt(marks);
        writer.WriteInt(marks > 0 ? 1 : 0);
        if (marks > 0)
        {
            writer.WriteShort(0);
        }
        WriteColumns(writer, [.. Enumerable.Range(0, marks).Select(mark => (mark == 0 ? "k" : $"v{mark}", Text))]);
        writer.WriteInt(0x01);
        writer.WriteInt(columns.Length);
        WriteColumns(writer, [.. columns.Select(column => (column, Text))]);
    });

    public static CqlAnswer Rows(
        (string Name, CqlType Type)[] columns, IEnumerable<object?[]> rows, byte[]? pagingState = null, byte[]? newMetadataId = null, bool noMetadata = false) =>
        Of(Opcode.Result, writer =>
        {
            object?[][] all = [.. rows];
            writer.WriteInt(2);
            writer.WriteInt((noMetadata ? 0x04 : 0x01) | (pagingState is null ? 0 : 0x02) | (newMetadataId is null ? 0 : 0x08));
            writer.WriteInt(columns.Length);
            if (pagingState is not null)
            {
                writer.WriteBytes(pagingState);
            }
            if (newMetadataId is not null)
            {
                writer.WriteShortBytes(newMetadataId);
            }
            if (!noMetadata)
            {
                WriteColumns(writer, columns);
            }
            writer.WriteInt(all.Length);
            foreach (object?[] row in all)
            {
                Array.ForEach(row, cell => writer.WriteBytes(Cell(cell)));
            }
        });

    public static CqlAnswer Event(string type, string change, IPEndPoint address) => Of(Opcode.Event, writer =>
    {
        writer.WriteString(type);
        writer.WriteString(change);
        byte[] ip = address.Address.GetAddressBytes();
        writer.WriteByte((byte)ip.Length);
        writer.WriteRaw(ip);
        writer.WriteInt(address.Port);
    });

    public static CqlAnswer SchemaEvent(string change, string table) => Of(Opcode.Event, writer =>
    {
        writer.WriteString("SCHEMA_CHANGE");
        writer.WriteString(change);
        writer.WriteString("TABLE");
        writer.WriteString("ks");
        writer.WriteString(table);
    });

    public static CqlType Text { get; } = CqlType.Of(ColumnTypeCode.Varchar);

    private static void WriteColumns(CqlWriter writer, (string Name, CqlType Type)[] columns)
    {
        writer.WriteString("ks");
        writer.WriteString("t");
        foreach ((string name, CqlType type) in columns)
        {
            writer.WriteString(name);
            writer.WriteShort((int)type.Code);
            foreach (CqlType element in type.Elements)
            {
                writer.WriteShort((int)element.Code);
            }
        }
    }

    private static byte[]? Cell(object? value)
    {
        switch (value)
        {
            case null:
                return null;
            case string text:
                return Encoding.UTF8.GetBytes(text);
            case bool flag:
                return [(byte)(flag ? 1 : 0)];
            case int number:
                byte[] bytes = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(bytes, number);
                return bytes;
            case Guid id:
                return id.ToByteArray(bigEndian: true);
            case IPAddress address:
                return address.GetAddressBytes();
            case string[] texts:
                return Collection(texts.Length, texts);
            case Dictionary<string, string> map:
                return Collection(map.Count, map.SelectMany(pair => new[] { pair.Key, pair.Value }));
            default:
                throw new ArgumentException(value.GetType().Name);
        }
    }

    private static byte[] Collection(int count, IEnumerable<string> texts)
    {
        using CqlWriter writer = new();
        writer.WriteInt(count);
        foreach (string text in texts)
        {
            writer.WriteBytes(Encoding.UTF8.GetBytes(text));
        }
        return writer.ToArray();
    }
}
