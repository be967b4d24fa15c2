using System.CommandLine;

namespace StreamPlatform.Cli.Commands;

/// <summary>Commands for the script and the tests, not for people.</summary>
internal static class InternalCommands
{
    public static Command Create()
    {
        var command = new Command("internal", "For the script and the tests") { Hidden = true };
        return command;
    }
}
