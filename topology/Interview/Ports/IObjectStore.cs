namespace StreamPlatform.Topology.Ports;

/// <summary>
/// Large files (recordings, uploaded video, archived partitions, resumes), content-addressed: equal content under one prefix is one object. A directory, or anything that speaks S3.
/// </summary>
public interface IObjectStore
{
    /// <summary>Name as shown to users: "directory" or "s3".</summary>
    string Name { get; }

    /// <summary>Stores what the stream holds, durably and whole or not at all, without keeping it in memory.</summary>
    /// <param name="prefix">What kind of object, and whose: 1..4 parts of letters, digits, '-' and '_', joined by '/'.</param>
    /// <exception cref="InvalidDataException">The prefix is none, or the content is empty or larger than the store takes.</exception>
    /// <exception cref="IOException">The store did not take it, after its retries.</exception>
    Task<StoredObject> PutAsync(string prefix, Stream content, CancellationToken cancellationToken);

    /// <summary>The object's content, whose end throws <see cref="InvalidDataException"/> when it is not what was stored; null when it is not there.</summary>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes the object; false when it was not there.</summary>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Every object below the prefix ("" = all), in no promised order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes what writes that a crash cut short have left, none of it an object; returns how many.</summary>
    /// <param name="olderThan">Younger ones may belong to a write that still runs.</param>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    Task<int> DeleteLeftoversAsync(TimeSpan olderThan, CancellationToken cancellationToken) => Task.FromResult(0);
}

/// <param name="Key">PREFIX/SHA256.</param>
/// <param name="Sha256">Of the content, lower-case hexadecimal.</param>
/// <param name="Bytes">Size of the content.</param>
/// <param name="StoredAtMs">Unix milliseconds, by the store's clock.</param>
public sealed record StoredObject(string Key, string Sha256, long Bytes, long StoredAtMs);
