using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Postgres.Replica;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>Pages and fields of the list of sessions, and what a person who has just changed something reads.</summary>
public sealed class SessionListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Following_the_links_gives_every_session_once_the_newest_first()
    {
        await using var gateway = await GatewayHarness.StartAsync(results: new Stored());
        List<string> seen = [];
        for (var next = "/api/sessions?limit=4&fields=sessionId,status"; next is not null;)
        {
            using var response = await gateway.Http.GetAsync(next, Cancel);
            var rows = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            seen.AddRange(rows.EnumerateArray().Select(row => row.GetProperty("sessionId").GetString()!));
            Assert.All(rows.EnumerateArray(), row => Assert.Equal(["sessionId", "status"], row.EnumerateObject().Select(field => field.Name)));
            next = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"s{9 - n}"), seen);
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=501")]
    [InlineData("?before=5")]
    [InlineData("?before=x,s1")]
    [InlineData("?before=1,")]
    [InlineData("?status=gone")]
    [InlineData("?fields=sessionId,secret")]
    public async Task What_is_no_page_is_refused(string query)
    {
        await using var gateway = await GatewayHarness.StartAsync(results: new Stored());
        using var response = await gateway.Http.GetAsync("/api/sessions" + query, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Who_has_changed_something_reads_what_the_primary_holds_and_nobody_else_does()
    {
        var stored = new Stored();
        await using var gateway = await GatewayHarness.StartAsync(results: stored);
        await gateway.Http.GetAsync("/api/sessions", Cancel);
        Assert.Equal(0, stored.AsOfMs);

        using var made = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US" }, Cancel);
        var cookie = made.Headers.GetValues("Set-Cookie").Single(header => header.StartsWith("wrote=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        using var mine = new HttpRequestMessage(HttpMethod.Get, "/api/sessions") { Headers = { { "Cookie", cookie.Split(';')[0] } } };
        await gateway.Http.SendAsync(mine, Cancel);

        var wrote = long.Parse(cookie.Split('=', ';')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(wrote + (long)new ReplicaOptions().WriteSettles.TotalMilliseconds, stored.AsOfMs);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void A_cookie_that_is_not_ours_or_old_asks_for_nothing(string? cookie) => Assert.Equal(0, ReadYourWrites.AsOfMs(cookie, TimeProvider.System));

    /// <summary>Ten stored sessions of one millisecond.</summary>
    private sealed class Stored : IResultsReader
    {
        private static readonly SessionRow[] Rows =
            [.. Enumerable.Range(0, 10).Select(n => new SessionRow($"s{n}", "t", "c", "Ada", "dev", "US", "completed", 0, 0, 1_000, 1_000)).OrderByDescending(row => row.SessionId, StringComparer.Ordinal)];

        public long AsOfMs { get; private set; }

        public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(int limit, CancellationToken cancellationToken) => ListSessionsAsync(new SessionPage(limit), cancellationToken);

        public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken)
        {
            AsOfMs = ReadScope.AsOfMs;
            return Task.FromResult<IReadOnlyList<SessionRow>>([.. Rows.Where(row => page.BeforeMs is null || string.CompareOrdinal(row.SessionId, page.BeforeId) < 0).Take(page.Limit)]);
        }

        public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewResults?>(null);
    }
}
