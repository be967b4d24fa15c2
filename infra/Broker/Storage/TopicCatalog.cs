using System.Text.Json;

namespace StreamPlatform.Broker.Storage;

/// <summary>What is kept about the cluster and its topics, as one JSON file replaced atomically.</summary>
internal sealed record TopicCatalog(string ClusterId, IReadOnlyList<TopicCatalog.Entry> Topics)
{
    private const string FileName = "topics.json";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    internal sealed record Entry(string Name, Guid Id, int Partitions, bool Internal, Dictionary<string, string> Configs);

    /// <summary>A catalog with a new cluster id if there is no file. InvalidDataException naming the file if it is damaged.</summary>
    public static TopicCatalog Load(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return new TopicCatalog(KafkaId(Guid.NewGuid()), []);
        }
        try
        {
            return JsonSerializer.Deserialize<TopicCatalog>(File.ReadAllBytes(path), Json) ?? throw new JsonException("empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The broker's topic catalog '{path}' is damaged: {e.Message} Restore it from a backup.", e);
        }
    }

    public void Save(string directory) => AtomicFile.Write(Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json), flush: true);

    /// <summary>A UUID as Kafka prints it: base64url without padding.</summary>
    public static string KafkaId(Guid id) => Convert.ToBase64String(id.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
