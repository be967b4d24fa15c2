using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>The runtime on Apache Kafka, the judge.</summary>
public sealed class StreamsOnApacheKafka(ApacheKafkaFixture kafka) : StreamsSuite(kafka), IClassFixture<ApacheKafkaFixture>;

/// <summary>The runtime on the embedded broker.</summary>
public sealed class StreamsOnEmbeddedBroker(EmbeddedBrokerFixture embedded) : StreamsSuite(embedded), IClassFixture<EmbeddedBrokerFixture>;
