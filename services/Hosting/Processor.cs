using StreamPlatform.Streams;

namespace StreamPlatform.Hosting;

/// <summary>One stream application of a service.</summary>
/// <param name="Topology">What it does.</param>
/// <param name="Guarantee">Exactly-once where it writes topics; at-least-once where it writes to stores, under ids that follow from the data.</param>
/// <param name="MaxInFlightRecords">Bound of records under way, 1..1,000,000.</param>
public sealed record Processor(Streams.Topology Topology, ProcessingGuarantee Guarantee = ProcessingGuarantee.ExactlyOnce, int MaxInFlightRecords = 2_000);
