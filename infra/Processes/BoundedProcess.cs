using System.ComponentModel;
using System.Diagnostics;

namespace StreamPlatform.Processes;

/// <summary>
/// A child process on pipes, within limits, with no terminal and no shell: arguments are passed as they are. It ends with its owner: disposing kills it and its children.
/// </summary>
public sealed class BoundedProcess : IDisposable
{
    /// <summary>Exit code of prlimit when the program itself is not installed.</summary>
    public const int NotInstalled = 127;

    private readonly Process process;

    private BoundedProcess(Process process) => this.process = process;

    /// <summary>What the child reads; close it to let it see the end.</summary>
    public Stream Input => process.StandardInput.BaseStream;

    /// <summary>What the child writes; reading slowly slows it.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>What the child writes to stderr; somebody must read it, or the child may wait.</summary>
    public Stream Errors => process.StandardError.BaseStream;

    /// <exception cref="ProcessStartException">The program (or prlimit, where something is limited) is not installed.</exception>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public static BoundedProcess Start(string program, IEnumerable<string> arguments, ProcessLimits limits)
    {
        limits.Validate();
        var prlimit = limits.Arguments();
        string[] command = prlimit.Count == 0 ? [program, .. arguments] : ["prlimit", .. prlimit, "--", program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (limits.NoFiles)
        {
            start.WorkingDirectory = "/";
        }

        if (limits.OnlyPath)
        {
            var path = Environment.GetEnvironmentVariable("PATH");
            start.Environment.Clear();
            start.Environment["PATH"] = path;
        }

        try
        {
            return new(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new ProcessStartException(command[0], e);
        }
    }

    /// <summary>Gives the child its input and the end of it. A child that ends before it has read all of it is no error here: its exit code says why.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await Input.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended before it had read all
        }
    }

    /// <summary>A stream to its end, of which the first bytes are kept and the rest is passed over. A stream that breaks off has ended.</summary>
    public static async Task<(byte[] Bytes, bool Cut)> ReadFirstAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var cut = false;
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                var take = (int)Math.Min(read, maxBytes - kept.Length);
                kept.Write(buffer, 0, take);
                cut |= take < read;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // killed: what was read so far is what there is
        }

        return (kept.ToArray(), cut);
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>Exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode;
    }

    public void Dispose()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // it has ended by itself
        }

        process.Dispose();
    }
}
