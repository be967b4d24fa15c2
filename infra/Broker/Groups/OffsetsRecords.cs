using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>
/// Keys and values of __consumer_offsets in Kafka's own encoding (coordinator records OffsetCommitKey/Value 1 and 3, GroupMetadataKey/Value 2 and 3),
/// so that Kafka's tools can read the topic.
/// </summary>
internal static class OffsetsRecords
{
    private const short OffsetKeyVersion = 1;
    private const short GroupKeyVersion = 2;
    private const short ValueVersion = 3;

    public static byte[] OffsetKey(string group, PartitionKey partition) => Bytes(w =>
    {
        w.WriteInt16(OffsetKeyVersion);
        w.WriteString(group);
        w.WriteString(partition.Topic);
        w.WriteInt32(partition.Partition);
    });

    public static byte[] OffsetValue(long offset, int leaderEpoch, string metadata, long commitUnixMs) => Bytes(w =>
    {
        w.WriteInt16(ValueVersion);
        w.WriteInt64(offset);
        w.WriteInt32(leaderEpoch);
        w.WriteString(metadata);
        w.WriteInt64(commitUnixMs);
    });

    public static byte[] GroupKey(string group) => Bytes(w =>
    {
        w.WriteInt16(GroupKeyVersion);
        w.WriteString(group);
    });

    public static byte[] GroupValue(GroupSnapshot group) => Bytes(w =>
    {
        w.WriteInt16(ValueVersion);
        w.WriteString(group.ProtocolType);
        w.WriteInt32(group.Generation);
        w.WriteNullableString(group.Protocol);
        w.WriteNullableString(group.Leader);
        w.WriteInt64(group.StateSinceUnixMs);
        w.WriteArrayLength(group.Members.Count);
        foreach (var member in group.Members)
        {
            w.WriteString(member.Id);
            w.WriteNullableString(member.InstanceId);
            w.WriteString(member.ClientId);
            w.WriteString(member.ClientHost);
            w.WriteInt32(member.RebalanceTimeoutMs);
            w.WriteInt32(member.SessionTimeoutMs);
            w.WriteBytes(member.Subscription);
            w.WriteBytes(member.Assignment);
        }
    });

    /// <summary>The group and, for an offset, the partition. Null: a key of a kind not written here.</summary>
    public static (string Group, PartitionKey? Partition)? ReadKey(ReadOnlyMemory<byte> key)
    {
        var reader = new KafkaReader(key.Span);
        var version = reader.ReadInt16();
        return version switch
        {
            0 or OffsetKeyVersion => (reader.ReadString(), new PartitionKey(reader.ReadString(), reader.ReadInt32())),
            GroupKeyVersion => (reader.ReadString(), null),
            _ => null,
        };
    }

    public static CommittedOffset ReadOffset(ReadOnlyMemory<byte> value, long logOffset)
    {
        var reader = new KafkaReader(value.Span);
        Expect(reader.ReadInt16());
        var (offset, leaderEpoch) = (reader.ReadInt64(), reader.ReadInt32());
        var (metadata, commitUnixMs) = (reader.ReadString(), reader.ReadInt64());
        return new CommittedOffset(offset, leaderEpoch, metadata, commitUnixMs, logOffset);
    }

    public static GroupSnapshot ReadGroup(string group, ReadOnlyMemory<byte> value)
    {
        var reader = new KafkaReader(value.Span);
        Expect(reader.ReadInt16());
        var (protocolType, generation) = (reader.ReadString(), reader.ReadInt32());
        var (protocol, leader, since) = (reader.ReadNullableString(), reader.ReadNullableString(), reader.ReadInt64());
        var members = new MemberSnapshot[reader.ReadArrayLength()];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = new MemberSnapshot(
                reader.ReadString(), reader.ReadNullableString(), reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(),
                reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray());
        }
        return new GroupSnapshot(group, protocolType, generation, protocol, leader, since, members);
    }

    private static void Expect(short version)
    {
        if (version != ValueVersion)
        {
            throw new InvalidDataException($"__consumer_offsets holds a value of version {version}; only {ValueVersion} is written here");
        }
    }

    private static byte[] Bytes(Action<KafkaWriter> write)
    {
        using var writer = new KafkaWriter();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
