using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Guide;

/// <summary>The snippets in docs/streams.md, by their section; a test compares and runs them.</summary>
internal static class Snippets
{
    public static IKStream<string, long> Repartition(IKStream<string, string> words) =>
        // Repartition
        words.SelectKey((_, word) => $"{word.Length}")
            .Repartition("by-length", Serdes.Utf8, Serdes.Utf8)            // or GroupByKey("by-length", ...), which does it only where the key was changed
            .GroupByKey().Count("lengths")
        // end
        ;

    public static async Task Batching(IModel model, IKStream<string, string> answers, Action run)
    {
        // Batching
        await using var scores = new DynamicBatcher<string, double>("scores", new BatcherOptions { MaxBatchSize = 16, LingerMs = 20 }, model.ScoreAsync);
        answers.MapAsync("score", (context, answer, cancel) => scores.RunAsync(answer, BatchPriority.Medium, cancel))
            .To("scores", Serdes.Utf8, Serdes.Json<double>());                  // it must outlive the application
        // end
        run();
    }

    public static IKStream<string, string> Retried(StreamsBuilder builder, ISerde<string> key, ISerde<string> value) =>
        // Retry topics
        builder.Stream("orders", key, value, RetryTopics.After(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)))
        // end
        ;

    internal interface IModel
    {
        Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<string> answers, CancellationToken cancel);
    }
}
