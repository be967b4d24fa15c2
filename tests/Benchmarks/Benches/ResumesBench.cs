using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// 5,000 resumes through the whole platform (API, embedded Kafka, processor, PostgreSQL, API) against the test provider: one in five repeats an earlier one, one in a hundred cannot be read.
/// Every one must be answered; no second may hold more than 30 calls, as the provider saw them arrive. Meanwhile single resumes are sent, which go first.
/// </summary>
internal static class ResumesBench
{
    private const int DefaultResumes = 5_000;
    private const int Limit = 30;
    private const int Singles = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        var resumes = (int)Math.Min(10_000, options.Records ?? DefaultResumes);
        var data = Path.Combine(Path.GetTempPath(), $"bench-resumes-{Guid.NewGuid():N}"); // open to the user that runs PostgreSQL
        Environment.SetEnvironmentVariable("STREAMPLATFORM_LLM_KEY_RPM", "100000"); // the limit under test is ours
        Environment.SetEnvironmentVariable("STREAMPLATFORM_LLM_KEY_IN_FLIGHT", "1024");
        try
        {
            await using var provider = await ProviderServer.StartAsync(new() { Latency = TimeSpan.FromMilliseconds(300) });
            var platformOptions = PlatformOptions.FromEnvironment(LogLevel.Error);
            (platformOptions.Data, platformOptions.Listen, platformOptions.BrokerListen, platformOptions.RegistryListen) = (data, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0");
            (platformOptions.Llm, platformOptions.LlmKeys) = (provider.BaseUrl.ToString(), "bench");
            (platformOptions.ResumesPerHour, platformOptions.ResumesPerDay) = (1_000_000, 1_000_000);
            await using var platform = await Platform.StartAsync(platformOptions, TimeProvider.System, new Progress<string>(Say.Line), CancellationToken.None);
            using var http = new HttpClient { BaseAddress = platform.Address, Timeout = TimeSpan.FromMinutes(2) };
            return await MeasureAsync(http, provider, resumes);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<JsonObject> MeasureAsync(HttpClient http, ProviderServer provider, int resumes)
    {
        var started = TimeProvider.System.GetTimestamp();
        List<string> bulks = [];
        foreach (var part in Enumerable.Range(0, resumes).Chunk(2_500))
        {
            using var answer = await http.PostAsJsonAsync("/api/resumes/bulk", new { jobId = "backend-1", jobVersion = 1, jobText = Job, items = part.Select(Item) });
            bulks.Add(Located(answer));
        }

        var accepted = TimeProvider.System.GetElapsedTime(started);
        List<double> singles = [];
        for (var i = 0; i < Singles; i++)
        {
            var asked = TimeProvider.System.GetTimestamp();
            using var answer = await http.PostAsJsonAsync("/api/resumes", new { candidateId = $"single-{i}", jobId = "backend-1", jobVersion = 1, jobText = Job, resumeText = Text(1_000_000 + i) });
            await FinishedAsync(http, Located(answer));
            singles.Add(TimeProvider.System.GetElapsedTime(asked).TotalSeconds);
        }

        var tasks = new List<JsonElement>();
        foreach (var bulk in bulks)
        {
            tasks.Add(await FinishedAsync(http, bulk));
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var arrivals = provider.Requests.Where(r => r.Endpoint == "chat").Select(r => r.At).Order().ToList();
        var (done, failed, cached) = (Sum(tasks, "done"), Sum(tasks, "failed"), Sum(tasks, "fromCache"));
        var most = MostInASecond(arrivals);
        singles.Sort();
        if (done + failed != resumes || most > Limit) throw new BenchFailedException($"{done + failed} of {resumes} were answered, at most {most} calls in a second (limit {Limit})");
        return new JsonObject
        {
            ["unit"] = "resumes/s", ["ours"] = Math.Round(resumes / seconds, 1), ["resumes"] = resumes, ["done"] = done, ["failed"] = failed, ["from_cache"] = cached,
            ["cache_hit_rate"] = Math.Round((double)cached / resumes, 3), ["calls"] = arrivals.Count, ["calls_per_s"] = Math.Round((arrivals.Count - 1) / (arrivals[^1] - arrivals[0]).TotalSeconds, 2),
            ["most_calls_in_a_second"] = most, ["limit"] = Limit, ["accepted_s"] = Math.Round(accepted.TotalSeconds, 1), ["seconds"] = Math.Round(seconds, 1),
            ["single_meanwhile_s"] = new JsonObject { ["p50"] = Math.Round(singles[Singles / 2], 2), ["max"] = Math.Round(singles[^1], 2) },
        };
    }

    private static string Located(HttpResponseMessage answer) =>
        answer.Headers.Location?.ToString() ?? throw new BenchFailedException($"the API answered {(int)answer.StatusCode}: {answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()}");

    private static async Task<JsonElement> FinishedAsync(HttpClient http, string task)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            using var answer = await http.GetAsync($"{task}?limit=0");
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>() is var shown && shown.GetProperty("status").GetString() == "finished") return shown;
            await Task.Delay(250);
        }
        throw new BenchFailedException($"{task} did not end within {Patience}");
    }

    private static int Sum(List<JsonElement> tasks, string field) => tasks.Sum(t => t.GetProperty(field).GetInt32());

    /// <summary>The most arrivals that any second (half open) holds.</summary>
    private static int MostInASecond(List<DateTimeOffset> arrivals)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < arrivals.Count; last++)
        {
            while (arrivals[last] - arrivals[first] >= TimeSpan.FromSeconds(1)) first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }

    private const string Job = "Senior engineer: Kafka, stream processing, C#, PostgreSQL. Exactly-once delivery, on-call, mentoring.";

    private static object Item(int i) => i % 100 == 50
        ? new { candidateId = $"c{i}", resumeText = (string?)null, fileBase64 = (string?)Convert.ToBase64String("%PDF-1.4 cut off"u8) }
        : new { candidateId = $"c{(i % 5 == 4 ? i - 1 : i)}", resumeText = (string?)Text(i % 5 == 4 ? i - 1 : i), fileBase64 = (string?)null };

    private static string Text(int i) => $"Candidate {i}. Built stream processing on Kafka in C# for {1 + (i % 20)} years.\nExactly-once delivery with PostgreSQL sinks; mentoring of {i % 7} engineers and on-call rotations. Reference number {i}.";
}
