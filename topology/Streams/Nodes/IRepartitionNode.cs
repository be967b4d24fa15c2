namespace StreamPlatform.Streams;

internal interface IRepartitionNode
{
    /// <summary>The source of the sub-topology that goes on.</summary>
    SourceNode? Next { get; set; }
}
