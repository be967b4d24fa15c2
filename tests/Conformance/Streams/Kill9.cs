namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task Counts_are_exact_over_kill_9_of_the_process()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        const int total = 6_000;
        var load = Task.Run(async () =>
        {
            for (var i = 0; i < total; i += 100)
            {
                await Produce(input, Numbers(100, Keys, i));
                await Task.Delay(50);
            }
        });
        for (var round = 0; round < 3; round++)
        {
            using var process = await CountingHost.StartAsync(broker.BootstrapServers, app, input, output, 100);
            process.Kill();
            await process.WaitForExitAsync();
        }
        await load;
        using var last = await CountingHost.StartAsync(broker.BootstrapServers, app, input, output, 0);
        try { await AssertCounts(output, total / Keys); }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync();
        }
    }
}
