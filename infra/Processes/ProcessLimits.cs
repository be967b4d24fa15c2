using System.Globalization;

namespace StreamPlatform.Processes;

/// <summary>What a child process may take (setrlimit(2), by prlimit of util-linux). Zero = no limit.</summary>
public sealed record ProcessLimits
{
    /// <summary>Nothing is limited; prlimit is not needed.</summary>
    public static ProcessLimits None { get; } = new();

    /// <summary>Address space, bytes. 0, or 16 MiB and more.</summary>
    public long AddressSpaceBytes { get; init; }

    /// <summary>Processor time, s. 0 or more.</summary>
    public int CpuSeconds { get; init; }

    /// <summary>Open files. 0, or 8 and more.</summary>
    public int OpenFiles { get; init; }

    /// <summary>It may write no file and leave no core. Pipes are not concerned.</summary>
    public bool NoFiles { get; init; }

    /// <summary>Its environment is PATH alone.</summary>
    public bool OnlyPath { get; init; }

    /// <exception cref="ArgumentException">Names the limit and what it accepts.</exception>
    public void Validate()
    {
        Require(AddressSpaceBytes is 0 or >= 16 * 1024 * 1024, nameof(AddressSpaceBytes), AddressSpaceBytes, "0, or 16777216 and more");
        Require(CpuSeconds >= 0, nameof(CpuSeconds), CpuSeconds, "0 and more");
        Require(OpenFiles is 0 or >= 8, nameof(OpenFiles), OpenFiles, "0, or 8 and more");
    }

    /// <summary>Options of prlimit; none when nothing is limited.</summary>
    internal IReadOnlyList<string> Arguments()
    {
        List<string> arguments = [];
        Add("--as=", AddressSpaceBytes);
        Add("--cpu=", CpuSeconds);
        Add("--nofile=", OpenFiles);
        if (NoFiles)
        {
            arguments.AddRange(["--fsize=0", "--core=0"]);
        }

        return arguments;

        void Add(string option, long value)
        {
            if (value > 0)
            {
                arguments.Add(option + value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Require(bool holds, string name, long value, string accepted)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(ProcessLimits)}.{name} is {value}; it takes {accepted}");
        }
    }
}
