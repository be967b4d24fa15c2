namespace StreamPlatform.Broker.Storage;

/// <summary>Replaces small files so that a crash leaves either the old or the new content.</summary>
internal static class AtomicFile
{
    public static void Write(string path, ReadOnlySpan<byte> content, bool flush)
    {
        var temporary = path + ".tmp";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(handle, content, 0);
            if (flush)
            {
                RandomAccess.FlushToDisk(handle);
            }
        }
        File.Move(temporary, path, overwrite: true);
        if (flush)
        {
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        }
    }
}
