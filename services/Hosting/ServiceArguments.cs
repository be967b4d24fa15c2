using System.Globalization;

namespace StreamPlatform.Hosting;

/// <summary>Command line of a service that runs by itself: <c>--name value</c> over the environment (STREAMPLATFORM_NAME) over the default.</summary>
public static class ServiceArguments
{
    private static readonly Dictionary<string, Action<PlatformOptions, string>> Known = new(StringComparer.Ordinal)
    {
        ["--kafka"] = (o, value) => o.Kafka = value,
        ["--registry"] = (o, value) => o.Registry = value,
        ["--postgres"] = (o, value) => o.Postgres = value,
        ["--postgres-replica"] = (o, value) => o.PostgresReplica = value,
        ["--cassandra"] = (o, value) => o.Cassandra.ContactPoints = value,
        ["--media"] = (o, value) => o.Media = value,
        ["--redis"] = (o, value) => o.Redis = value,
        ["--listen"] = (o, value) => o.Listen = value,
        ["--data"] = (o, value) => o.Data = value,
        ["--models"] = (o, value) => o.Models = value,
        ["--speech-model"] = (o, value) => o.SpeechModel = value,
        ["--llm"] = (o, value) => o.Llm = value,
        ["--slot"] = (o, value) => o.InstanceSlot = int.TryParse(value, CultureInfo.InvariantCulture, out var slot)
            ? slot
            : throw new ArgumentException($"--slot is '{value}'; it takes a whole number from 0 to 999"),
    };

    /// <exception cref="ArgumentException">Names the argument and what to give.</exception>
    /// <param name="args">The command line.</param>
    /// <param name="listen">ADDRESS:PORT where neither command line nor environment gives one.</param>
    public static PlatformOptions Read(IReadOnlyList<string> args, string listen)
    {
        var options = PlatformOptions.FromEnvironment();
        for (var i = 0; i < args.Count; i += 2)
        {
            if (!Known.TryGetValue(args[i], out var set))
            {
                throw new ArgumentException($"'{args[i]}' is not known; known are {string.Join(", ", Known.Keys)}, each with a value");
            }

            set(options, i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"{args[i]} has no value"));
        }

        if (!args.Contains("--listen") && Environment.GetEnvironmentVariable("STREAMPLATFORM_LISTEN") is null or "")
        {
            options.Listen = listen;
        }

        Require(options.Kafka, "--kafka", "STREAMPLATFORM_KAFKA", "bootstrap servers such as 127.0.0.1:9092");
        Require(options.Registry, "--registry", "STREAMPLATFORM_REGISTRY", "the address of a schema registry such as http://127.0.0.1:8081");
        options.Validate();
        return options;
    }

    /// <summary>What to say of an option that is not given.</summary>
    public static ArgumentException Missing(string option, string variable, string what) => new($"{option} (or {variable}) is missing; it takes {what}");

    private static void Require(string value, string option, string variable, string what)
    {
        if (value.Length == 0)
        {
            throw Missing(option, variable, what);
        }
    }
}
