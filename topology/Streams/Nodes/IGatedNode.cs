namespace StreamPlatform.Streams;

internal interface IGatedNode
{
    int MaxConcurrency { get; }
    int GateIndex { get; set; }
}
