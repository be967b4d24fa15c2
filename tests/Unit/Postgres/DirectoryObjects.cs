using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>The least that is an object store: files below a directory, checked when read.</summary>
internal sealed class DirectoryObjects(string root) : IObjectStore
{
    public string Name => "directory";

    public async Task<StoredObject> PutAsync(string prefix, Stream content, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        var sha = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        Directory.CreateDirectory(Path.Combine(root, prefix));
        await File.WriteAllBytesAsync(PathOf($"{prefix}/{sha}"), bytes.ToArray(), cancellationToken);
        return new($"{prefix}/{sha}", sha, bytes.Length, 0);
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken) =>
        File.Exists(PathOf(key)) ? new MemoryStream(await File.ReadAllBytesAsync(PathOf(key), cancellationToken)) : null;

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var there = File.Exists(PathOf(key));
        File.Delete(PathOf(key));
        return Task.FromResult(there);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var file in Directory.Exists(root) ? Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories) : [])
        {
            var key = Path.GetRelativePath(root, file);
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return new(key, Path.GetFileName(file), new FileInfo(file).Length, 0);
            }
        }
    }

    public string PathOf(string key) => Path.Combine(root, key);
}
