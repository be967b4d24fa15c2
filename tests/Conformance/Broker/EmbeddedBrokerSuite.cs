namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>The client behaviours on the embedded broker.</summary>
public sealed class EmbeddedBrokerSuite(EmbeddedBrokerFixture embedded) : BrokerSuite(embedded), IClassFixture<EmbeddedBrokerFixture>;
