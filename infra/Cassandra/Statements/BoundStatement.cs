using System.Buffers;
using System.Buffers.Binary;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>A prepared statement with its values, already in wire form.</summary>
public sealed class BoundStatement : Statement
{
    private const int StackBytes = 256;
    private RoutingKey? routingKey;

    internal BoundStatement(PreparedStatement preparedStatement, EncodedValues values)
    {
        PreparedStatement = preparedStatement;
        Values = values;
    }

    /// <summary>What it was bound from.</summary>
    public PreparedStatement PreparedStatement { get; }

    /// <inheritdoc/>
    public override string? Keyspace => PreparedStatement.Keyspace;

    /// <inheritdoc/>
    public override RoutingKey? RoutingKey
    {
        get
        {
            if (routingKey is not null || PartitionKeyLength() is not { } length)
            {
                return routingKey;
            }
            byte[] key = new byte[length];
            WriteKey(key);
            return new RoutingKey(key);
        }
    }

    internal EncodedValues Values { get; }

    /// <summary>Instead of the key computed of the values.</summary>
    public BoundStatement SetRoutingKey(params RoutingKey[] routingKeyComponents)
    {
        routingKey = global::Cassandra.RoutingKey.Compose(routingKeyComponents);
        return this;
    }

    internal override bool TryGetToken(out long token)
    {
        if (routingKey is not null)
        {
            return base.TryGetToken(out token);
        }
        token = 0;
        if (PartitionKeyLength() is not { } length)
        {
            return false;
        }
        byte[]? rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> key = rented is null ? stackalloc byte[StackBytes] : rented;
        WriteKey(key);
        token = Murmur3Partitioner.Token(key[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        return true;
    }

    // null: the marks do not hold the whole key, or one of its columns is null or unset (the server will say so)
    private int? PartitionKeyLength()
    {
        int[] columns = PreparedStatement.PartitionKey;
        int total = 0;
        foreach (int column in columns)
        {
            int length = Column(column).Length;
            if (length is < 0 or > ushort.MaxValue)
            {
                return null;
            }
            total += columns.Length == 1 ? length : length + 3;
        }
        return columns.Length == 0 ? null : total;
    }

    private void WriteKey(Span<byte> key)
    {
        int[] columns = PreparedStatement.PartitionKey;
        ReadOnlySpan<byte> wire = Values.Wire.Span;
        foreach (int column in columns)
        {
            (int at, int length) = Column(column);
            ReadOnlySpan<byte> value = wire.Slice(at, length);
            if (columns.Length == 1)
            {
                value.CopyTo(key);
                return;
            }
            key = key[global::Cassandra.RoutingKey.Append(key, value)..];
        }
    }

    private (int At, int Length) Column(int index)
    {
        ReadOnlySpan<byte> wire = Values.Wire.Span;
        int at = 0;
        for (int i = 0; i < Values.Count; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(wire[at..]);
            if (i == index)
            {
                return (at + 4, length);
            }
            at += 4 + Math.Max(0, length);
        }
        return (0, -1);
    }
}
