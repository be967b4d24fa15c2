using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace StreamPlatform.Broker.Storage;

/// <summary>
/// One file of a log: whole batches, append only. Fields are owned by the partition's lock; readers hold a reference, so that a segment deleted by
/// retention stays readable until they are done.
/// </summary>
internal sealed class Segment
{
    public const string LogSuffix = ".log";
    public const string IndexSuffix = ".index";

    private int _references = 1;

    private Segment(string path, long baseOffset, SafeFileHandle file)
    {
        Path = path;
        BaseOffset = baseOffset;
        NextOffset = baseOffset;
        File = file;
    }

    public string Path { get; }
    public string IndexPath => System.IO.Path.ChangeExtension(Path, IndexSuffix);
    public long BaseOffset { get; }
    public SafeFileHandle File { get; }
    public SegmentIndex Index { get; set; } = new();
    public int SizeBytes { get; set; }
    /// <summary>The offset after the last batch.</summary>
    public long NextOffset { get; set; }
    /// <summary>When the first batch was appended by this process; for segment.ms. Null: not known, the largest timestamp stands for it.</summary>
    public long? FirstAppendMs { get; set; }

    public static string FileName(long baseOffset) => baseOffset.ToString("D20", CultureInfo.InvariantCulture) + LogSuffix;

    public static Segment Open(string directory, long baseOffset)
    {
        var path = System.IO.Path.Combine(directory, FileName(baseOffset));
        var file = System.IO.File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        return new Segment(path, baseOffset, file);
    }

    /// <summary>Writes one batch at the end. If the disk refuses, the file is cut back and the exception passes on.</summary>
    public void Append(ReadOnlySpan<byte> batch, BatchHeader header)
    {
        try
        {
            RandomAccess.Write(File, batch, SizeBytes);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(File, SizeBytes);
            throw;
        }
        Index.Add(header.BaseOffset, SizeBytes, header.MaxTimestampMs);
        SizeBytes += batch.Length;
        NextOffset = header.LastOffset + 1;
    }

    /// <summary>The largest timestamp of its records; where clients gave none, when the file was last written.</summary>
    public long NewestMs => Index.MaxTimestampMs >= 0
        ? Index.MaxTimestampMs
        : new DateTimeOffset(System.IO.File.GetLastWriteTimeUtc(Path)).ToUnixTimeMilliseconds();

    public void SaveIndex() => Index.Save(IndexPath, SizeBytes, NextOffset);

    public Segment AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            File.Dispose();
        }
    }

    /// <summary>Removes the files; the handle closes when the last reader is done.</summary>
    public void Delete()
    {
        System.IO.File.Delete(Path);
        System.IO.File.Delete(IndexPath);
        Release();
    }
}
