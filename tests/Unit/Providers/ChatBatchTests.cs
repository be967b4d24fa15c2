using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class ChatBatchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly ManualTime time = new();

    [Fact]
    public async Task Every_request_ends_in_a_result_with_lowest_priority_and_never_more_at_once_than_workers()
    {
        int running = 0, most = 0;
        var chat = new Chat(async (request, context) =>
        {
            Assert.Equal((CallPriority.Low, RetryClass.Batch), (context.Priority, context.Retries));
            var now = Interlocked.Increment(ref running);
            for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, now, seen);
            }

            await Task.Yield();
            Interlocked.Decrement(ref running);
            return request.User == "17" ? throw new ProviderException(ProviderFailure.Rejected, "no") : Answer(request.User);
        });
        await using var batch = new ChatBatch(chat, new ChatBatchOptions { Workers = 4, MaxQueued = 10 }, time);
        var adding = AddAllAsync(batch, 120);
        var results = await ReadAsync(batch);
        await adding;
        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"{i}").Order(), results.Select(r => r.Id).Order());
        Assert.All(results.Where(r => r.Answer is not null), r => Assert.Equal(r.Id, r.Answer!.Text));
        Assert.Equal(("17", ProviderFailure.Rejected), (Assert.Single(results, r => r.Answer is null).Id, results.Single(r => r.Answer is null).Failure));
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task Results_come_in_order_of_completion()
    {
        var slow = new TaskCompletionSource();
        var chat = new Chat(async (request, _) =>
        {
            await (request.User == "0" ? slow.Task : Task.CompletedTask);
            return Answer(request.User);
        });
        await using var batch = new ChatBatch(chat, new ChatBatchOptions { Workers = 2 }, time);
        await AddAllAsync(batch, 3);
        List<string> order = [];
        await foreach (var result in batch.ResultsAsync(Ct))
        {
            order.Add(result.Id);
            if (order.Count == 2)
            {
                slow.SetResult();
            }
        }

        Assert.Equal(["1", "2", "0"], order);
    }

    [Fact]
    public async Task While_the_provider_is_down_a_request_waits_and_is_tried_again_as_often_as_stated()
    {
        var tries = 0;
        var tried = new SemaphoreSlim(0);
        var chat = new Chat((_, _) =>
        {
            tries++;
            tried.Release();
            throw new ProviderException(ProviderFailure.BreakerOpen, "open", TimeSpan.FromSeconds(60));
        });
        await using var batch = new ChatBatch(chat, new ChatBatchOptions { Workers = 1, MaxPasses = 3, PassPause = TimeSpan.FromSeconds(30) }, time);
        await AddAllAsync(batch, 1);
        var reading = ReadAsync(batch);
        for (var pass = 1; pass <= 3; pass++)
        {
            await tried.WaitAsync(Ct);
            Assert.Equal(pass, tries);
            while (pass < 3 && tried.CurrentCount == 0)
            {
                time.Advance(TimeSpan.FromSeconds(60)); // until its timer was there
                await Task.Yield();
            }
        }

        Assert.Equal(ProviderFailure.BreakerOpen, Assert.Single(await reading).Failure);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Nothing_is_added_after_the_end()
    {
        await using var batch = new ChatBatch(new Chat((r, _) => Task.FromResult(Answer(r.User))), new ChatBatchOptions(), time);
        batch.Complete();
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAllAsync(batch, 1));
        Assert.Empty(await ReadAsync(batch));
    }

    private static ChatAnswer Answer(string text) => new(text, new CallCost("m", 1, 1, 0, false));

    private static async Task<List<BatchResult>> ReadAsync(ChatBatch batch)
    {
        List<BatchResult> results = [];
        await foreach (var result in batch.ResultsAsync(Ct))
        {
            results.Add(result);
        }

        return results;
    }

    private static async Task AddAllAsync(ChatBatch batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await batch.AddAsync(new BatchRequest($"{i}", new ChatRequest(ModelTier.Cheap, "", $"{i}"), "acme", "", "resume"), Ct);
        }

        batch.Complete();
    }

    private sealed class Chat(Func<ChatRequest, CallContext, Task<ChatAnswer>> answer) : IChatProvider
    {
        public Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken) => answer(request, context);
    }
}
