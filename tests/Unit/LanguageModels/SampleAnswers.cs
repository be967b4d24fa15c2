namespace StreamPlatform.Tests.Unit.LanguageModels;

/// <summary>A good, a vague and an off-topic answer to each of some questions. Written by the author of the key points: a check of the ranking, no measure of accuracy.</summary>
internal static class SampleAnswers
{
    public static IReadOnlyDictionary<string, (string Good, string Vague, string OffTopic)> All { get; } =
        new Dictionary<string, (string, string, string)>
        {
            ["exactly-once-consumer"] = (
                """
                I put the output records and the consumer's offsets into a single Kafka transaction, so both are committed atomically or not at all.
                For that the producer needs a transactional id that is stable across restarts, because the broker then bumps the epoch and fences a zombie
                that still believes it is alive. The readers of the result topic set isolation.level to read_committed, otherwise they would see aborted records.
                If the service dies, the open transaction is aborted and the next instance resumes from the last committed offset. For writes to a database
                I would use an idempotent upsert keyed by the payment id, for example 1 row per payment, since Kafka's transaction does not cover it.
                """,
                "I would make sure that payments are processed properly. Kafka has good support for that, and I would use the right settings and test it well so that crashes are not a problem.",
                "My favourite holiday was in Italy, where we visited three museums and ate very good ice cream. In summer the beach was crowded, however we found a quiet place near the harbour because a fisherman told us about it. I also like to play football with my friends every second weekend."),
            ["caching"] = (
                """
                First I measure whether the data is read far more often than it changes, because otherwise a cache only adds trouble. Then I give every entry a time to live,
                say 60 seconds, and bound the size with LRU eviction. When the source changes, I invalidate the entry or write the new value through. For hot keys I protect the
                database from a stampede: only one request refreshes the entry while the others wait or get the stale value. How stale a value may be is something I agree with the product owner.
                """,
                "Caches make a service faster, so I would add one when the service is slow. There are many products for it, such as Redis, and they usually work well.",
                "In my last team we had a meeting every morning and talked about our plans. I believe that honest feedback matters, because people learn from it. For example, I once helped a new colleague find a flat."),
            ["database-index"] = (
                """
                I start with EXPLAIN ANALYZE to read the execution plan and look for a sequential scan of the whole table. If the filter column has no index, I add one that fits the filter and the
                sort order, maybe a composite or covering index. Then I compare the estimated rows with the actual ones, because stale statistics mislead the planner, and I check for locks.
                Each index takes disk space and slows down inserts, so I measure before and after with realistic data, for example 10 million rows.
                """,
                "When a query is slow I would look at the query and try to improve it. Databases have many options for tuning, so I would read the documentation and ask the DBA.",
                "I enjoy hiking in the mountains because the air is fresh. Last year we walked 200 kilometres in 9 days, and although it rained often, the views were worth it. Next year we will go to Norway."),
            ["circuit-breaker"] = (
                """
                Every call to the dependency gets a timeout, for example 500 milliseconds, because a slow answer is worse than none. I retry with exponential backoff and jitter, but at most 2 times.
                After repeated failures a circuit breaker opens and stops further calls, and later it probes with a single request. A bulkhead limits the concurrency so that its threads are not all
                exhausted by one dependency. Meanwhile we degrade gracefully: users get a cached fallback, and if queues still grow we shed load.
                """,
                "I would talk to the team that owns the other service and make our service more robust. It is important that everything stays healthy, so monitoring helps as well.",
                "Cooking is what I do in my free time. First I chop the onions, then I fry them slowly until they are golden, since that brings out the sweetness. For dessert there is usually cake."),
            ["code-review"] = (
                """
                First I read whether the change is correct, including edge cases and how errors are handled. Then I look at the tests: do they cover the new behaviour? Names should be readable and the design as
                simple as possible. If the code touches security or a hot path, I check performance and permissions too. In my comments I am kind and specific, I explain why, and I mark
                which issues block the merge and which are only suggestions.
                """,
                "I look at the code and see if it is fine. If there is something that I would do differently, I tell my colleague, and usually we find a solution.",
                "The history of the Roman empire is long. Augustus became emperor in 27 BC, after a civil war, because the republic was exhausted. However, the empire fell much later."),
        };
}
