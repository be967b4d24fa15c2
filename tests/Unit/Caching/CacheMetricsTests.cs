using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Caching;
using StreamPlatform.Gateway.Results;
using StreamPlatform.LanguageModels.Questions;
using StreamPlatform.Observability;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Questions;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Tests.Unit.Caching;

/// <summary>Hits, misses and evictions of each cache, as /metrics serves them. Tests run side by side and the caches' meter is one: counts are compared before and after.</summary>
public sealed class CacheMetricsTests : IResultsReader, IResumeCache
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_cache_shows_its_hits_and_its_misses_and_a_full_one_its_evictions()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await UseAllAsync(); // a series is there from its first count on
        var before = await http.GetStringAsync("/metrics", Ct);
        await UseAllAsync();
        var after = await http.GetStringAsync("/metrics", Ct);
        foreach (var cache in (string[])["results", "reports", "resumes", "questions"])
        {
            foreach (var outcome in (string[])["made", "kept"])
            {
                var series = $"streamplatform_cache_requests_total{{cache=\"{cache}\",outcome=\"{outcome}\"}}";
                Assert.True(Value(after, series) > Value(before, series), $"{series} does not count");
            }
        }

        Assert.True(Value(after, "streamplatform_cache_evictions_total{cache=\"small\"}") > Value(before, "streamplatform_cache_evictions_total{cache=\"small\"}"));
        Assert.True(Value(after, "streamplatform_cache_invalidations_total{cache=\"results\"}") > Value(before, "streamplatform_cache_invalidations_total{cache=\"results\"}"));
    }

    Task<IReadOnlyList<SessionRow>> IResultsReader.ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionRow>>([]);

    Task<InterviewResults?> IResultsReader.GetResultsAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewResults?>(new(
        new(sessionId, "t", "c", "Jane", "Engineer", "US", "completed", 0, 0, 0, 1), [], [], [], [], [], 0, "test",
        new(1, 2, 3, 4, 5, "happy", null, 6, 7, 8, 9, 10, 11, false, [], 12, 13)));

    Task<InterviewReport?> IResultsReader.GetReportAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewReport?>(new() { SessionId = sessionId });

    ValueTask<ResumeOptimized?> IResumeCache.FindAsync(ResumeKey key, CancellationToken cancellationToken) => new(new ResumeOptimized());

    ValueTask IResumeCache.PutAsync(ResumeKey key, ResumeOptimized result, CancellationToken cancellationToken) => default;

    private async Task UseAllAsync()
    {
        var tier = new NoTier();
        using var results = new CachedResults(this, tier, TimeProvider.System);
        using var resumes = new CachedResumes(this, tier, TimeProvider.System);
        using var questions = new ModelQuestionWriter(new FakeChat((_, _) => FakeChat.Question()), new(), tier, TimeProvider.System);
        using var small = new TieredCache<string>(new("small", TimeSpan.FromMinutes(1), 1, 100), tier, _ => [1], _ => "", TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            await results.GetResultsAsync("s", Ct);
            await results.GetReportAsync("s", Ct);
            await resumes.FindAsync(new("t", "c", "j", 1, "h"), Ct);
            await questions.WriteAsync(new("t", "s", "Engineer", "", "", 0, 0), Ct);
            await small.GetAsync($"{i}", _ => Task.FromResult<string?>("value"), Ct);
        }

        await results.InvalidateAsync("s", Ct);
    }

    private static double Value(string metrics, string series) =>
        Regex.Match(metrics, $"^{Regex.Escape(series)} (\\S+)$", RegexOptions.Multiline) is { Success: true } found
            ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"/metrics has no {series}");

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPlatformMetrics();
        var app = builder.Build();
        app.MapMetrics();
        await app.StartAsync(Ct);
        return app;
    }
}
