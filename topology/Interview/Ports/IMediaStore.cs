namespace StreamPlatform.Topology.Ports;

/// <summary>Files that wait for their processing: encrypted at rest, deleted when their result is out, and by age whatever happens.</summary>
public interface IMediaStore
{
    /// <summary>Largest file, bytes.</summary>
    int MaxBytes { get; }

    /// <summary>Stores a file durably.</summary>
    /// <param name="owner">What the file belongs to, unique per file: equal files of two owners are two files, so that each can go by itself.</param>
    /// <exception cref="InvalidDataException">It is empty or larger than <see cref="MaxBytes"/>.</exception>
    /// <exception cref="IOException">The disk did not take it.</exception>
    Task<StoredMedia> PutAsync(string owner, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The file's content, checked against the hash in its key; null when it is not (or no longer) there.</summary>
    /// <exception cref="InvalidDataException">The key is none, or the file on disk is not the one that was stored.</exception>
    /// <exception cref="IOException">The disk did not give it.</exception>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes the file; false when it was not there.</summary>
    /// <exception cref="InvalidDataException">The key is none.</exception>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes every file that has been kept longer than the store allows; returns their keys.</summary>
    Task<IReadOnlyList<string>> DeleteExpiredAsync(CancellationToken cancellationToken);
}

/// <param name="Key">Names the file in its store: letters, digits, '-' and '/' only.</param>
/// <param name="Sha256">Of the content, lower-case hexadecimal.</param>
/// <param name="Bytes">Size of the content.</param>
public sealed record StoredMedia(string Key, string Sha256, long Bytes);
