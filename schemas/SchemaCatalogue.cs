namespace StreamPlatform.Schemas;

/// <summary>A topic's schema as registered.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Subject">Subject, topic + "-value".</param>
/// <param name="SchemaId">Id in the wire format.</param>
public sealed record RegisteredTopic(string Topic, string Subject, int SchemaId);

/// <summary>Registers the schemas of the topic catalogue.</summary>
public static class SchemaCatalogue
{
    /// <summary>
    /// Registers the value schema of every topic in <see cref="Topics.All"/> and the files they import; idempotent. Afterwards every
    /// serializer on the same client can serialize these topics synchronously.
    /// </summary>
    /// <param name="client">Registry.</param>
    /// <param name="progress">Told after each topic; null for nobody.</param>
    /// <param name="cancellationToken">Ends it between two topics.</param>
    /// <exception cref="HttpRequestException">The registry cannot be reached, or refused (<see cref="SchemaRegistryException"/>).</exception>
    public static async Task<IReadOnlyList<RegisteredTopic>> RegisterAllAsync(
        ISchemaRegistryClient client, IProgress<RegisteredTopic>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var registered = new List<RegisteredTopic>(Topics.All.Count);
        foreach (TopicSpec topic in Topics.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string subject = SchemaRegistrar.Subject(topic.Name, isKey: false);
            int id = await SchemaRegistrar.IdAsync(client, subject, topic.Message.File, register: true, cancellationToken).ConfigureAwait(false);
            var entry = new RegisteredTopic(topic.Name, subject, id);
            registered.Add(entry);
            progress?.Report(entry);
        }

        return registered;
    }
}
