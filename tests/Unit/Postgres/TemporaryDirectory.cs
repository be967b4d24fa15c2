namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>A directory that the server's own user can reach, deleted afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Root = Path.Combine(Path.GetTempPath(), "sp-test-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public string Data => Path.Combine(Root, "pg");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
