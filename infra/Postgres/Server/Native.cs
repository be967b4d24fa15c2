using System.Runtime.InteropServices;

namespace StreamPlatform.Postgres.Server;

/// <summary>Signals, as PostgreSQL means them: interrupt = fast stop (roll back, checkpoint), quit = stop at once (recover at the next start).</summary>
internal static partial class Native
{
    public const int SignalInterrupt = 2;
    public const int SignalQuit = 3;
    public const int SignalKill = 9;

    /// <summary>False when the process does not exist or may not be signalled.</summary>
    public static bool Signal(int processId, int signal) => Kill(processId, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
