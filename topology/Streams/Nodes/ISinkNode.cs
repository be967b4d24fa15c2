namespace StreamPlatform.Streams;

internal interface ISinkNode
{
    int SinkIndex { get; set; }
    ISinkWriter CreateWriter(Kernel kernel);
}
