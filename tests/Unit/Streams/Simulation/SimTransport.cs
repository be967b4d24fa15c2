using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

internal sealed class SimTransport(SimBroker broker, Instance instance) : ITransport
{
    public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler)
    {
        instance.OpenClients++;
        var consumer = new SimConsumer(broker, instance, settings, handler);
        if (settings.GroupInstanceId.Length > 0) instance.Consumer = consumer;
        else instance.Passing = consumer;
        return consumer;
    }

    public ILogReader OpenReader(TransportSettings settings) => new Reader(broker, instance);
    public IOutputProducer OpenProducer(TransportSettings settings, bool transactional)
    {
        instance.OpenClients++;
        return new SimProducer(broker, instance, settings, transactional);
    }

    public ITopicAdmin OpenAdmin(TransportSettings settings) => new Admin(broker, instance);

    private sealed class Reader(SimBroker broker, Instance instance) : ILogReader
    {
        private sealed class Position(SimLog log)
        {
            public SimLog Log { get; } = log;
            public long Offset;
            public long ShownEnd = -1;
        }

        private List<Position> positions = [];

        public void Assign(IReadOnlyList<PartitionOffset> partitions) => positions = [.. partitions.Select(p => new Position(broker.Log(p.Partition)))];

        public int Poll(Span<PollResult> into, int timeoutMs)
        {
            bool Ready(Position p) => p.Offset < p.Log.Stable || p.ShownEnd != p.Offset;
            if (!positions.Any(Ready) || broker.Scheduler.Chance(0.1)) broker.Scheduler.WaitUntil(() => positions.Any(Ready) || instance.Dead, timeoutMs);
            instance.Check();
            if (broker.Faults.Draw("read", abortable: false) is { } failure) throw failure;
            var count = 0;
            while (count < into.Length)
            {
                var ready = positions.Where(Ready).ToList();
                if (ready.Count == 0) break;
                var position = ready[broker.Scheduler.Random.Next(ready.Count)];
                if (position.Log.Next(ref position.Offset) is { } record) into[count++] = PollResult.Of(record);
                else into[count++] = PollResult.End(position.Log.Id, position.ShownEnd = position.Offset);
                if (broker.Scheduler.Chance(0.3)) break;
            }
            return count;
        }

        public void Dispose() { }
    }

    private sealed class Admin(SimBroker broker, Instance instance) : ITopicAdmin
    {
        public IReadOnlyDictionary<string, int> Topics()
        {
            instance.Check();
            return broker.Topics;
        }

        public bool Create(string topic, int partitions, short replicationFactor, IReadOnlyDictionary<string, string> config)
        {
            instance.Check();
            return broker.Create(topic, partitions);
        }

        public IReadOnlyDictionary<TopicPartitionId, long> EndOffsets(IReadOnlyList<TopicPartitionId> partitions)
        {
            broker.Faults.Delay();
            instance.Check();
            if (broker.Faults.Draw("list offsets", abortable: false) is { } failure) throw failure;
            return partitions.ToDictionary(p => p, p => broker.Log(p).High);
        }

        public void DeleteRecords(IReadOnlyList<PartitionOffset> below)
        {
            broker.Faults.Delay();
            instance.Check();
            foreach (var at in below)
                if (at.Offset > (broker.Offset(at.Partition) ?? 0)) broker.Scheduler.Fail(new ViolationException($"{instance} deletes records of {at.Partition} below {at.Offset}, the group has only passed {broker.Offset(at.Partition)}"));
        }

        public IReadOnlyList<TopicPartitionId>? Ownerless(IReadOnlyDictionary<string, int> topics)
        {
            broker.Faults.Delay();
            instance.Check();
            return broker.Group.Ownerless(topics.Keys);
        }

        public void Dispose() { }
    }
}
