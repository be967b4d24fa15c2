using System.Text.Json.Nodes;
using StreamPlatform.Schemas;

namespace StreamPlatform.Cli.Demo;

/// <summary>Plays interviews against a running platform and gathers what became of them.</summary>
public sealed class DemoRun(Uri platform, string bootstrapServers, DemoMaterial material, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Plays <paramref name="sessions"/> interviews at once. Returns one JSON object: of the one interview, or a summary with one object each.</summary>
    /// <exception cref="DemoFailedException">An interview could not be played, or its results did not arrive in time.</exception>
    public async Task<JsonObject> PlayAsync(int sessions, IProgress<DemoProgress> progress, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var interviews = Enumerable.Range(1, sessions)
            .Select(n => new DemoInterview(platform, http, material, time, sessions == 1 ? "Demo Candidate" : $"Demo Candidate {n}")).ToList();
        var topics = Topics.All.Select(t => t.Name).Append(Topics.DeadLetter(Topics.Frames)).ToList();
        var counter = new TopicCounter(bootstrapServers);
        var before = await counter.EndsAsync(topics);
        var started = time.GetTimestamp();
        var phase = "interview";
        var complete = new Dictionary<DemoInterview, JsonObject>();
        var completeAt = new Dictionary<DemoInterview, long>();
        using var ticker = time.CreateTimer(_ => Report(), null, PollInterval, PollInterval);

        await Task.WhenAll(interviews.Select(i => i.PlayAsync(ct)));
        var playedFor = time.GetElapsedTime(started);
        phase = "analysis";
        var patience = TimeSpan.FromSeconds(90 + (30 * sessions));
        var waitingSince = time.GetTimestamp();
        while (complete.Count < sessions)
        {
            foreach (var interview in interviews.Where(i => !complete.ContainsKey(i)))
            {
                var results = await ResultsAsync(http, interview, ct);
                if (DemoOutcome.IsComplete(results, interview.Sent, material.Answers.Count, material.Answers.Count(a => !a.Speech.IsEmpty)) || time.GetElapsedTime(waitingSince) > patience)
                {
                    complete[interview] = results;
                    completeAt[interview] = time.GetTimestamp();
                }
            }

            if (complete.Count < sessions)
            {
                await Task.Delay(PollInterval, time, ct);
            }
        }

        phase = "counting";
        var ids = interviews.Select(i => i.SessionId).ToHashSet();
        var counts = await Task.Run(() => counter.Count(topics, ids, time, before), ct);
        phase = "done";
        Report();
        var outcomes = interviews.ConvertAll(i => (Interview: i, Json: Outcome(i, complete[i], counts)));
        if (sessions == 1)
        {
            return outcomes[0].Json;
        }

        var frames = interviews.Sum(i => i.Client!.Frames.Sent);
        return new JsonObject
        {
            ["ok"] = outcomes.All(o => o.Json["ok"]!.GetValue<bool>()),
            ["sessions"] = sessions,
            ["framesPerSecond"] = Math.Round(frames / playedFor.TotalSeconds, 1),
            ["captureToAckP99Ms"] = Percentile(interviews.SelectMany(i => i.Client!.AckLatenciesMs), 0.99),
            ["captureToWindowP99Ms"] = Percentile(
                interviews.SelectMany(i => WindowLatencies(complete[i])), 0.99),
            ["lastFrameToResultsP99Ms"] = Percentile(interviews.Select(i => time.GetElapsedTime(i.FinishedAt, completeAt[i]).TotalMilliseconds), 0.99),
            ["interviews"] = new JsonArray([.. outcomes.Select(o => (JsonNode)o.Json)]),
        };

        void Report() => progress.Report(new DemoProgress(
            phase,
            sessions,
            interviews[0].QuestionIndex,
            interviews.Sum(i => i.Sent.FramesSent),
            interviews.Sum(i => i.Sent.FramesAcked),
            interviews.Sum(i => i.Sent.ChunksSent),
            interviews.Sum(i => i.Sent.ChunksAcked),
            complete.Count,
            interviews[0].LivePage));
    }

    private JsonObject Outcome(
        DemoInterview interview, JsonObject results, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> counts) =>
        new DemoOutcome(
            interview.Sent, results, counts.ToDictionary(c => c.Key, c => c.Value.GetValueOrDefault(interview.SessionId)), material, platform).ToJson();

    private async Task<JsonObject> ResultsAsync(HttpClient http, DemoInterview interview, CancellationToken ct)
    {
        using var response = await http.GetAsync(new Uri(platform, $"/api/sessions/{interview.SessionId}/results"), ct);
        return response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync(ct)) as JsonObject ?? [] : [];
    }

    // From the last moment that a window can capture to the moment its row was first written. The last window of a session closes by silence.
    private static IEnumerable<double> WindowLatencies(JsonObject results) =>
        (results["windows"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(w => w["storedAtMs"] is JsonValue)
            .Select(w => w["storedAtMs"]!.GetValue<double>() - w["endMs"]!.GetValue<double>());

    private static double Percentile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(quantile * sorted.Count))], 1);
    }
}
