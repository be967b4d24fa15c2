using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Resumes;

/// <summary>What the resumes processor stands on.</summary>
/// <param name="Slots">Resumes whose text may be in memory at once; single ones get the next free slot.</param>
public sealed record ResumeEngines(IMediaStore Media, IDocumentReader Documents, IResumeModel Model, IResumeCache Cache, PrioritySlots Slots);
