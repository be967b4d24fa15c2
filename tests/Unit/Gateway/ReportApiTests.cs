using System.Net;
using System.Text.Json;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Reports;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class ReportApiTests
{
    [Fact]
    public async Task The_report_is_served_as_JSON_as_PDF_and_as_a_page()
    {
        await using var gateway = await GatewayHarness.StartAsync(results: new Stored());
        using var json = await gateway.Http.GetAsync("/api/sessions/session-1/report");
        Assert.Equal("no-store", json.Headers.CacheControl!.ToString());
        var report = JsonDocument.Parse(await json.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(1, report.GetProperty("schema").GetInt32());
        Assert.Equal(12, report.GetProperty("timeline").GetProperty("windows").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("integrity")[0].GetProperty("fromMs").ValueKind);
        Assert.Equal(SampleReport.Start, report.GetProperty("startedAtMs").GetInt64());

        using var pdf = await gateway.Http.GetAsync("/api/sessions/session-1/report.pdf");
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.MediaType);
        Assert.Equal("inline; filename=\"report-session-1.pdf\"", pdf.Content.Headers.ContentDisposition!.ToString());
        Assert.True((await pdf.Content.ReadAsByteArrayAsync()).AsSpan().StartsWith("%PDF-"u8));

        Assert.Contains("report.js", await gateway.Http.GetStringAsync("/report.html?session=session-1"));
    }

    [Fact]
    public async Task Every_field_of_the_JSON_is_in_the_guide()
    {
        await using var gateway = await GatewayHarness.StartAsync(results: new Stored());
        var guide = await File.ReadAllTextAsync(House.Repository.File("docs/report.md"));
        var report = JsonDocument.Parse(await gateway.Http.GetStringAsync("/api/sessions/session-1/report")).RootElement;
        string[] classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
        Assert.All(Names(report).Distinct().Except(classes), name => Assert.Contains($"`{name}", guide, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_whose_report_is_not_written_yet_an_unknown_one_and_a_store_that_is_down_are_told_apart()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var (id, _) = await gateway.CreateSessionAsync();
        Assert.Equal((HttpStatusCode.NotFound, "report-not-ready"), await CodeAsync(gateway, id));
        Assert.Equal((HttpStatusCode.NotFound, "unknown-session"), await CodeAsync(gateway, "nobody"));
        await using var down = await GatewayHarness.StartAsync(results: new Stored { Failure = new TimeoutException() });
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "results-unavailable"), await CodeAsync(down, "session-1"));
    }

    private static async Task<(HttpStatusCode, string)> CodeAsync(GatewayHarness gateway, string session)
    {
        using var response = await gateway.Http.GetAsync($"/api/sessions/{session}/report");
        using var pdf = await gateway.Http.GetAsync($"/api/sessions/{session}/report.pdf");
        Assert.Equal(response.StatusCode, pdf.StatusCode);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString()!);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Names(p.Value).Prepend(p.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private sealed class Stored : IResultsReader
    {
        public Exception? Failure { get; init; }

        public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionRow>>([]);

        public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) =>
            Failure is null ? Task.FromResult<InterviewResults?>(SampleReport.Stored(12, "Ada")) : throw Failure;

        public Task<InterviewReport?> GetReportAsync(string sessionId, CancellationToken cancellationToken) =>
            Failure is null ? Task.FromResult<InterviewReport?>(SampleReport.Report()) : throw Failure;
    }
}
