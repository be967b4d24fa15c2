namespace StreamPlatform.Tests.Unit.Broker;

/// <summary>A directory of its own that disappears with the test.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("broker-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
