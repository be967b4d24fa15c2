using System.Runtime.InteropServices;

namespace StreamPlatform.Media.Objects;

/// <summary>fsync(2) of a directory: only after it does a rename survive a loss of power. .NET opens no directories, so libc does.</summary>
internal static class DirectorySync
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4; // EINTR

    /// <exception cref="IOException">The directory could not be synchronised.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals its names
        }

        var descriptor = Retried(() => open(directory, ReadOnly));
        if (descriptor < 0)
        {
            throw new IOException($"the directory of the object store cannot be opened (errno {Marshal.GetLastPInvokeError()})");
        }

        try
        {
            if (Retried(() => fsync(descriptor)) != 0)
            {
                throw new IOException($"the directory of the object store cannot be synchronised (errno {Marshal.GetLastPInvokeError()})");
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static int Retried(Func<int> call)
    {
        int result;
        while ((result = call()) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }

        return result;
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006, CA2101 // three calls do not make unsafe code worth while; the names are libc's
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
#pragma warning restore SYSLIB1054, CA5392, IDE1006, CA2101
}
