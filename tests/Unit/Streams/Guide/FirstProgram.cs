using StreamPlatform.Streams;

/// <summary>The program in docs/streams.md, "A first program"; a test compares the two and runs it.</summary>
internal static class FirstProgram
{
    // A first program
    public static Topology Build(Func<string, string, CancellationToken, Task<string>> translate)
    {
        var builder = new StreamsBuilder("greeter");                  // application id: consumer group, prefix of its topics
        var people = builder.Table("people", Serdes.Utf8, Serdes.Utf8);
        builder.Stream("visits", Serdes.Utf8, Serdes.Utf8)
            .LeftJoin(people, (visit, name) => $"{name ?? "stranger"}: {visit}")
            .MapAsync("translate", (context, text, cancel) => translate(text, context.IdempotencyKey, cancel))
            .To("greetings", Serdes.Utf8, Serdes.Utf8);
        return builder.Build();                                       // Describe() prints it, DescribeMermaid() draws it
    }

    public static async Task Run(string bootstrapServers, Func<string, string, CancellationToken, Task<string>> translate, CancellationToken stop)
    {
        var options = new StreamsOptions { BootstrapServers = bootstrapServers };
        await using var app = new StreamsApplication(Build(translate), options);
        await app.StartAsync(stop);                                   // input and output topics must exist; the rest is created
        await app.Completion.WaitAsync(stop);                         // faults with whatever stopped the instance
    }

    public static string InMemory(Topology topology)
    {
        using var driver = new TopologyTestDriver(topology);          // the same task code, virtual time, no broker
        driver.Pipe("people", "p1", "Ada", Serdes.Utf8, Serdes.Utf8);
        driver.Pipe("visits", "p1", "hello", Serdes.Utf8, Serdes.Utf8);
        return driver.Read("greetings", Serdes.Utf8, Serdes.Utf8).Single().Value!;
    }
    // end
}
