namespace StreamPlatform.Media.Objects;

/// <summary>Files and directories that only their owner may read, where the system knows such modes.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be made.</exception>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Mode | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A new file, open for writing.</summary>
    /// <exception cref="IOException">It is there already, or cannot be made.</exception>
    public static FileStream CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        return new FileStream(path, options);
    }

    /// <summary>A new file for what is on its way, open for writing and reading, in the system's temporary directory; without a name from its first moment, so that it ends with its process.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static FileStream CreateNameless()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
        }
        else
        {
            options.UnixCreateMode = Mode;
        }

        var file = new FileStream(Path.Combine(Path.GetTempPath(), "media-" + Guid.NewGuid().ToString("N")), options);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(file.Name);
        }

        return file;
    }
}
