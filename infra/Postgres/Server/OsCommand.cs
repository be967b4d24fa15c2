using System.Diagnostics;

namespace StreamPlatform.Postgres.Server;

/// <summary>Runs a short program of the operating system and gives its exit code and output (at most the last 4 KiB of each stream's text is meant to be shown).</summary>
internal static class OsCommand
{
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        Process process;
        try
        {
            process = Process.Start(start) ?? throw new PostgresServerException($"{command[0]} did not start");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new PostgresServerException($"the program {command[0]} cannot be run ({error.Message}); on Debian it comes with coreutils, util-linux or postgresql", error);
        }

        using (process)
        {
            process.StandardInput.Close();
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
                var errors = process.StandardError.ReadToEndAsync(cancellationToken);
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                var text = (await output.ConfigureAwait(false) + await errors.ConfigureAwait(false)).Trim();
                return (process.ExitCode, text.Length > 4096 ? text[^4096..] : text);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
