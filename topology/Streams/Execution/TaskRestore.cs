namespace StreamPlatform.Streams;

/// <summary>Records of changelogs, progress and tables back into a task, before it starts.</summary>
internal static class TaskRestore
{
    public static void Store(KeyedStore store, ConsumedRecord record)
    {
        if (record.Key is null) throw new StreamsConfigurationException($"changelog {record.Topic} holds a record without key: it is not this application's");
        var (key, sub) = ChangelogKey.Read(record.Key);
        store.Apply(key, sub, record.Value, null);
    }

    /// <summary>By topic: a topic is input of one sub-topology only, and sub-topologies may be renumbered by a new version.</summary>
    public static void Progress(Dictionary<string, Progress.Restored> byTopic, ConsumedRecord record)
    {
        if (record.Key is null) throw new StreamsConfigurationException($"progress topic {record.Topic} holds a record without key");
        var (_, topic, _, chunk) = StreamPlatform.Streams.Progress.ReadKey(record.Key);
        if (!byTopic.TryGetValue(topic, out var restored)) byTopic[topic] = restored = new Progress.Restored();
        restored.Take(chunk, record.Value);
    }

    /// <summary>Returns false for a row that cannot be read; it was dead-lettered when it was met first.</summary>
    public static bool Table(StreamTask task, ITableRestorer table, ConsumedRecord record)
    {
        try { table.Restore(task, record); return true; }
        catch (Exception e) when (task.Kernel.Classify(e) == ErrorClass.Poison) { return false; }
    }
}
