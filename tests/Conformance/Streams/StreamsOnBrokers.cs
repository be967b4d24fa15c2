using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>The runtime on Apache Kafka, the judge.</summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed partial class StreamsOnApacheKafka(ApacheKafkaFixture kafka) : StreamsSuite(kafka), IClassFixture<ApacheKafkaFixture>;

/// <summary>The runtime on the embedded broker.</summary>
public sealed partial class StreamsOnEmbeddedBroker(EmbeddedBrokerFixture embedded) : StreamsSuite(embedded), IClassFixture<EmbeddedBrokerFixture>;
