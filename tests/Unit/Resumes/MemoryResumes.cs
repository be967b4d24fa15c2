using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Resumes;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>What the resumes processor stands on, in memory.</summary>
internal sealed class MemoryResumes : IMediaStore, IResumeCache, IDocumentReader
{
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    public ConcurrentDictionary<(string, string, string), (ResumeKey Key, ResumeOptimized Result)> Cached { get; } = new();

    public int Read { get; private set; }

    /// <summary>Deletions that the media store has yet to fail.</summary>
    public int DeletesToFail { get; set; }

    /// <summary>Files that the media store still takes before it is away.</summary>
    public int TakesStill { get; set; } = int.MaxValue;

    public int MaxBytes => 1024 * 1024;

    public ResumeEngines Engines(IResumeModel model) => new(this, this, model, this, new PrioritySlots(64));

    public Task<StoredMedia> PutAsync(string owner, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (TakesStill-- <= 0)
        {
            throw new IOException("the object store did not answer");
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        Files[$"{sha256}-{owner}"] = content.ToArray();
        return Task.FromResult(new StoredMedia($"{sha256}-{owner}", sha256, content.Length));
    }

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Files.GetValueOrDefault(key));

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) =>
        DeletesToFail-- > 0 ? Task.FromException<bool>(new IOException("the object store did not answer")) : Task.FromResult(Files.TryRemove(key, out _));

    public Task<IReadOnlyList<string>> DeleteExpiredAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public ValueTask<ResumeOptimized?> FindAsync(ResumeKey key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Cached.TryGetValue((key.Tenant, key.JobId, key.CandidateId), out var found) && found.Key == key ? found.Result : null);

    public ValueTask PutAsync(ResumeKey key, ResumeOptimized result, CancellationToken cancellationToken)
    {
        Cached[(key.Tenant, key.JobId, key.CandidateId)] = (key, result);
        return ValueTask.CompletedTask;
    }

    public Task<DocumentText> ReadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Read++;
        var text = Encoding.UTF8.GetString(content.Span);
        return text.StartsWith("%PDF-broken", StringComparison.Ordinal)
            ? throw new UnreadableDocumentException("the PDF is damaged or cut off")
            : Task.FromResult(new DocumentText("text", text, false));
    }
}
