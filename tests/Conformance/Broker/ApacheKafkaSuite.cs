namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>The client behaviours on Apache Kafka: shows that the suite asks for what Kafka does.</summary>
public sealed class ApacheKafkaSuite(ApacheKafkaFixture kafka) : BrokerSuite(kafka), IClassFixture<ApacheKafkaFixture>;
