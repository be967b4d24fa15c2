namespace StreamPlatform.Streams;

/// <summary>
/// All the runtime knows of Kafka: a consumer in a group, a reader for restores, a producer, an admin client. One seam, so that a faster client or a
/// simulation can take the real one's place. Methods throw <see cref="TransportException"/>.
/// </summary>
public interface ITransport
{
    IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler);
    ILogReader OpenReader(TransportSettings settings);
    IOutputProducer OpenProducer(TransportSettings settings, bool transactional);
    ITopicAdmin OpenAdmin(TransportSettings settings);
}
