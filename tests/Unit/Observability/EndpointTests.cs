using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;

namespace StreamPlatform.Tests.Unit.Observability;

public sealed class EndpointTests
{
    [Fact]
    public async Task Readiness_is_that_of_every_source_and_liveness_that_of_the_process()
    {
        var source = new Source();
        await using WebApplication app = await StartAsync(source, new Broken());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/healthz")).StatusCode);
        using HttpResponseMessage answer = await http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(
            """{"status":"not ready","sources":[{"name":"emotion","healthy":true,"detail":"running"},{"name":"broken","healthy":false,"detail":"cannot be checked: no"}]}""",
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.ToJsonString());

        await using WebApplication healthy = await StartAsync(source);
        using var second = new HttpClient { BaseAddress = new Uri(healthy.Urls.First()) };
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task A_store_that_is_down_turns_health_red_and_leaves_the_instance_in_rotation()
    {
        await using WebApplication app = await StartAsync(new Source(), new StoreDown());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using HttpResponseMessage health = await http.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        using HttpResponseMessage ready = await http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(
            """{"status":"ready","sources":[{"name":"emotion","healthy":true,"detail":"running"},{"name":"postgres","healthy":false,"detail":"down for 3 s"}]}""",
            JsonNode.Parse(await ready.Content.ReadAsStringAsync())!.ToJsonString());
    }

    [Fact]
    public async Task Metrics_are_served_as_Prometheus_text()
    {
        await using WebApplication app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await http.GetAsync("/healthz");
        using HttpResponseMessage answer = await http.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("http_server_request_duration_seconds_bucket{", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Traceparent_is_read_continued_and_written()
    {
        const string Header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        TraceContext read = TraceContext.Parse(Header)!.Value;
        Assert.Equal(Header, read.Format());
        TraceContext child = read.Child();
        Assert.Equal((read.TraceId, true), (child.TraceId, child.Sampled));
        Assert.NotEqual(read.SpanId, child.SpanId);
        Assert.NotNull(TraceContext.Parse(TraceContext.New().Format()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("hello")]
    public void A_malformed_traceparent_is_none(string? header) => Assert.Null(TraceContext.Parse(header));

    private static async Task<WebApplication> StartAsync(params IHealthSource[] sources)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPlatformMetrics();
        foreach (IHealthSource source in sources)
        {
            builder.Services.AddSingleton(source);
        }

        WebApplication app = builder.Build();
        app.MapMetrics();
        app.MapHealth();
        await app.StartAsync();
        return app;
    }

    private sealed class Source : IHealthSource
    {
        public string Name => "emotion";

        public HealthReport Check() => new(true, "running");
    }

    private sealed class StoreDown : IHealthSource
    {
        public string Name => "postgres";

        public bool IsCritical => false;

        public HealthReport Check() => new(false, "down for 3 s");
    }

    private sealed class Broken : IHealthSource
    {
        public string Name => "broken";

        public HealthReport Check() => throw new InvalidOperationException("no");
    }
}
