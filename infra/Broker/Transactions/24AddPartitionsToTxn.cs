using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// AddPartitionsToTxn 0-3. 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. 3: flexible. If one partition is unknown none is added: the others
/// get OPERATION_NOT_ATTEMPTED.
/// </summary>
internal sealed class AddPartitionsToTxnHandler(TransactionCoordinator transactions, BrokerServices services) : IRequestHandler
{
    public ApiKey Key => ApiKey.AddPartitionsToTxn;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (id, producerId, epoch, topics) = Parse(context, body);
        var partitions = topics.SelectMany(t => t.Partitions.Select(p => new PartitionKey(t.Topic, p))).ToList();
        var unknown = partitions.Where(p => services.Logs.Find(p.Topic, p.Partition) is null).ToHashSet();
        var error = unknown.Count > 0 ? ErrorCode.OperationNotAttempted
            : await transactions.AddPartitionsAsync(context, id, producerId, epoch, partitions, cancel).ConfigureAwait(false);
        error = FencingCode.For(context, error, firstWithProducerFenced: 2);
        response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (var (topic, indexes) in topics)
        {
            response.WriteString(topic);
            response.WriteArrayLength(indexes.Length);
            foreach (var partition in indexes)
            {
                response.WriteInt32(partition);
                response.WriteError(unknown.Contains(new PartitionKey(topic, partition)) ? ErrorCode.UnknownTopicOrPartition : error);
                response.WriteEmptyTaggedFields();
            }
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
    }

    private static (string Id, long ProducerId, short Epoch, List<(string Topic, int[] Partitions)> Topics) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var (id, producerId, epoch) = (reader.ReadString(), reader.ReadInt64(), reader.ReadInt16());
        var topics = new List<(string Topic, int[] Partitions)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            topics.Add((reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTaggedFields();
        }
        return (id, producerId, epoch, topics);
    }
}
