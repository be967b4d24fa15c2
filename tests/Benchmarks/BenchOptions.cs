namespace StreamPlatform.Tests.Benchmarks;

/// <summary>The command line of one benchmark.</summary>
internal sealed record BenchOptions(string Name, bool Json, int Runs, long? Records)
{
    /// <summary>How long each level of interviews is held, s; 6..300.</summary>
    public int Hold { get; init; } = 30;

    public const string Usage = "usage: bench NAME [--json] [--runs N] [--records N] [--hold SECONDS]\n  NAME: ";

    /// <exception cref="BenchFailedException">Names what is not understood.</exception>
    public static BenchOptions Parse(string[] args)
    {
        string? name = null;
        var json = false;
        var runs = 5;
        long? records = null;
        var hold = 30;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json": json = true; break;
                case "--runs": runs = (int)Number(args, ref i, 1, 100); break;
                case "--records": records = Number(args, ref i, 100, 100_000_000); break;
                case "--hold": hold = (int)Number(args, ref i, 6, 300); break;
                case var other when !other.StartsWith('-') && name is null: name = other; break;
                default: throw new BenchFailedException($"'{args[i]}' is not understood\n{Usage}{BenchRun.Names}");
            }
        }
        return new(name ?? throw new BenchFailedException($"which one?\n{Usage}{BenchRun.Names}"), json, runs, records) { Hold = hold };
    }

    private static long Number(string[] args, ref int i, long least, long most) =>
        i + 1 < args.Length && long.TryParse(args[i + 1], out var number) && number >= least && number <= most && ++i > 0
            ? number : throw new BenchFailedException($"{args[i]} needs a number from {least} to {most}");
}
