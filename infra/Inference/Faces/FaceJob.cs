using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Faces;

/// <summary>One decoded image of a batch and what may be computed from it.</summary>
internal readonly record struct FaceJob(RgbImage Image, FaceOutputs Outputs);
