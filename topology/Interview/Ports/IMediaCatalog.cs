namespace StreamPlatform.Topology.Ports;

/// <summary>
/// Which media objects there are, whose they are and how long they stay. The object is stored first, then its row; when it goes, the row is first marked, then the object
/// deleted, then the row. So after a crash there is an object without a row, or a marked row: a sweep finds either. Every method is idempotent.
/// </summary>
public interface IMediaCatalog
{
    /// <summary>Enters an object that is stored. False when it was entered before, or another one as the same part of an answer: that one stays.</summary>
    /// <exception cref="Streams.TransientException">The catalogue cannot be asked now; so in every method.</exception>
    Task<bool> AddAsync(MediaEntry entry, CancellationToken cancellationToken);

    /// <summary>Null when there is no such row, or it is being deleted.</summary>
    Task<MediaEntry?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>What is kept of a session, oldest first, at most 1,000; without what is being deleted.</summary>
    Task<IReadOnlyList<MediaEntry>> OfSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Marks every object of a session for deletion; returns how many.</summary>
    Task<int> MarkSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Marks for deletion up to <paramref name="limit"/> objects whose time is over, and returns these and what was marked before: all that is to be deleted.</summary>
    Task<IReadOnlyList<MediaEntry>> TakeDueAsync(long nowMs, int limit, CancellationToken cancellationToken);

    /// <summary>The object is gone: so goes its row.</summary>
    Task RemoveAsync(string key, CancellationToken cancellationToken);

    /// <summary>Notes that objects were seen in the store; returns which of them have rows.</summary>
    Task<IReadOnlySet<string>> SeenAsync(IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken);

    /// <summary>Rows made before <paramref name="createdBeforeMs"/>, neither missing nor being deleted, whose object was not seen since <paramref name="seenBeforeMs"/>.</summary>
    Task<IReadOnlyList<string>> UnseenAsync(long createdBeforeMs, long seenBeforeMs, int limit, CancellationToken cancellationToken);

    /// <summary>The object of the row is not in the store.</summary>
    Task MarkMissingAsync(string key, long nowMs, CancellationToken cancellationToken);
}

/// <summary>What a media object is.</summary>
/// <param name="Key">In the object store.</param>
/// <param name="Kind">One of <see cref="MediaKinds"/>.</param>
/// <param name="Owner">What it is sealed for.</param>
/// <param name="SessionId">Session that it belongs to.</param>
/// <param name="Name">How people call it, such as the file's name; at most 200 characters.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Sha256">Of the plain content, lower-case hexadecimal.</param>
/// <param name="Bytes">Of the plain content.</param>
/// <param name="KeyId">Key that it is sealed with.</param>
/// <param name="CreatedAtMs">Unix milliseconds.</param>
/// <param name="DeleteAfterMs">Unix milliseconds.</param>
/// <param name="Missing">The object is not in the store any more.</param>
/// <param name="Part">Of kind <see cref="MediaKinds.Answer"/>: what of the answer it is. The catalogue keeps the first entry of a session's part that begins with the same chunk, and ignores others.</param>
public sealed record MediaEntry(
    string Key, string Kind, string Owner, string Tenant, string SessionId, string CandidateId, string Name, string ContentType, string Sha256, long Bytes, string KeyId,
    long CreatedAtMs, long DeleteAfterMs, bool Missing = false, AnswerPart? Part = null);

/// <summary>Which audio chunks of a session one object holds: a whole answer, or a part of a long or interrupted one.</summary>
/// <param name="QuestionIndex">Question that was answered, from 0.</param>
/// <param name="FirstSequence">First chunk, by its number in the session.</param>
/// <param name="LastSequence">Last chunk.</param>
/// <param name="DurationMs">Of the sound in it.</param>
public sealed record AnswerPart(int QuestionIndex, long FirstSequence, long LastSequence, long DurationMs);

/// <summary>Kinds of media.</summary>
public static class MediaKinds
{
    /// <summary>A recorded video that was handed in to be analysed.</summary>
    public const string Video = "video";

    /// <summary>The sound of one answer.</summary>
    public const string Answer = "answer";

    /// <summary>Rows that were taken out of the database.</summary>
    public const string Archive = "archive";

    public static IReadOnlyList<string> All { get; } = [Video, Answer, Archive];
}
