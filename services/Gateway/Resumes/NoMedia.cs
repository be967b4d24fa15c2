namespace StreamPlatform.Gateway.Resumes;

/// <summary>A gateway without a media store: resumes come as text and travel in the event.</summary>
internal sealed class NoMedia : IMediaStore
{
    public int MaxBytes => 0;

    public Task<StoredMedia> PutAsync(string owner, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        throw new InvalidDataException("this gateway keeps no files: send the resume as text");

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<IReadOnlyList<string>> DeleteExpiredAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);
}
