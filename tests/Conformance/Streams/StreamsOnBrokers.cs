using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>The runtime on Apache Kafka, the judge.</summary>
public sealed partial class StreamsOnApacheKafka(ApacheKafkaFixture kafka) : StreamsSuite(kafka), IClassFixture<ApacheKafkaFixture>;

/// <summary>The runtime on the embedded broker.</summary>
public sealed partial class StreamsOnEmbeddedBroker(EmbeddedBrokerFixture embedded) : StreamsSuite(embedded), IClassFixture<EmbeddedBrokerFixture>;
