using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class ChatBatchTests
{
    [Fact]
    public async Task Every_request_ends_in_a_result_despite_faults_and_never_more_at_once_than_workers()
    {
        await using var bench = await ProviderBench.StartAsync(o => o.Keys.RequestsPerMinute = 50);
        bench.Server.Faults.Set(
            new Fault { Kind = FaultKind.BadRequest, Skip = 10, Count = 1 }, new Fault { Kind = FaultKind.ServerError, Probability = 0.2 },
            new Fault { Kind = FaultKind.RateLimit, Probability = 0.1, RetryAfterSeconds = 3 });
        await using var batch = new ChatBatch(bench.Set.Chat, new ChatBatchOptions { Workers = 4, MaxQueued = 10, MaxPasses = 100 }, bench.Time);
        var adding = AddAllAsync(batch, 120);
        List<BatchResult> results = [];
        await foreach (var result in batch.ResultsAsync(TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        await adding;
        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"{i}").Order(), results.Select(r => r.Id).Order());
        Assert.Equal(ProviderFailure.Rejected, Assert.Single(results, r => r.Answer is null).Failure);
        Assert.InRange(bench.Server.MostConcurrent, 1, 4);
        Assert.All(bench.Calls, c => Assert.Equal((CallPriority.Low, RetryClass.Batch), (c.Context.Priority, c.Context.Retries)));

        // no more than 50 requests with one key in any minute, while the clock of key and server is one
        var at = bench.Server.Requests.Select(r => r.At).ToList();
        Assert.All(at.Skip(50).Select((t, i) => t - at[i]), minute => Assert.True(minute >= TimeSpan.FromSeconds(59), minute.ToString()));
    }

    [Fact]
    public async Task A_lasting_failure_is_given_back_after_the_passes()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.ServerError });
        await using var batch = new ChatBatch(bench.Set.Chat, new ChatBatchOptions { MaxPasses = 2 }, bench.Time);
        await AddAllAsync(batch, 1);
        await foreach (var result in batch.ResultsAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(ProviderFailure.BreakerOpen, result.Failure);
        }

        Assert.Equal(2, bench.Calls.Count);
    }

    private static async Task AddAllAsync(ChatBatch batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await batch.AddAsync(new BatchRequest($"{i}", new ChatRequest(ModelTier.Cheap, "", $"Resume: candidate {i}"), "acme", "", "resume"), TestContext.Current.CancellationToken);
        }

        batch.Complete();
    }
}
