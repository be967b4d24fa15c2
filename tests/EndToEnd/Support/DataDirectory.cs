namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>A data directory of one test, deleted with it.</summary>
public sealed class DataDirectory : IDisposable
{
    public DataDirectory()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "sp-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(Path);
        if (Environment.UserName == "root" && !OperatingSystem.IsWindows())
        {
            // PostgreSQL's user must be able to walk to its directory.
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // a child that is still ending may hold a file; the directory is below the temporary one
        }
    }
}
