namespace StreamPlatform.Streams;

internal interface ITableRestorer
{
    void Restore(StreamTask task, ConsumedRecord record);
}
