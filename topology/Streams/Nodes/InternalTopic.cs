namespace StreamPlatform.Streams;

/// <summary>What is known of an input topic that the runtime creates itself.</summary>
/// <param name="Feeder">The step whose output it carries; partitions follow its sub-topology where nothing else decides.</param>
/// <param name="Partitions">Asked for; null = follows the other inputs.</param>
/// <param name="Purged">Records are deleted once every reader (this application alone) has committed them.</param>
internal sealed record InternalTopic(Node Feeder, int? Partitions, bool Purged);
