using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>A start that is given up while the admin client is in a call: the client must outlive the call (librdkafka crashes otherwise), and giving up is no failure.</summary>
public sealed class CancelledStartTests
{
    [Fact]
    public async Task A_start_that_is_given_up_stops_and_closes_the_admin_client_only_after_its_call()
    {
        using var admin = new SlowAdmin();
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Serdes.Utf8, Serdes.Utf8).To("out", Serdes.Utf8, Serdes.Utf8);
        await using var application = new StreamsApplication(builder.Build(), new StreamsOptions(), new OnlyAdmin(admin));
        using var cancel = new CancellationTokenSource();
        var start = application.StartAsync(cancel.Token);
        await admin.Asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Equal(StreamsState.Stopped, application.Health.State);
        await application.Completion;
        Assert.False(admin.Closed.Task.IsCompleted);
        admin.Answer();
        await admin.Closed.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private sealed class OnlyAdmin(ITopicAdmin admin) : ITransport
    {
        public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler) => throw new NotSupportedException();

        public ILogReader OpenReader(TransportSettings settings) => throw new NotSupportedException();

        public IOutputProducer OpenProducer(TransportSettings settings, bool transactional) => throw new NotSupportedException();

        public ITopicAdmin OpenAdmin(TransportSettings settings) => admin;
    }

    private sealed class SlowAdmin : ITopicAdmin
    {
        private readonly ManualResetEventSlim answer = new();

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Answer() => answer.Set();

        public IReadOnlyDictionary<string, int> Topics()
        {
            Asked.TrySetResult();
            answer.Wait(TimeSpan.FromSeconds(60));
            return new Dictionary<string, int>();
        }

        public bool Create(string topic, int partitions, short replicationFactor, IReadOnlyDictionary<string, string> config) => false;

        public IReadOnlyDictionary<TopicPartitionId, long> EndOffsets(IReadOnlyList<TopicPartitionId> partitions) => new Dictionary<TopicPartitionId, long>();

        public void Dispose() => Closed.TrySetResult();
    }
}
