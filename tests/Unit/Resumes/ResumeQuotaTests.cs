using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>A client's quota through the gateway.</summary>
public sealed class ResumeQuotaTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    [Fact]
    public async Task A_restarted_gateway_remembers_what_a_client_has_sent()
    {
        await using (var gateway = await StartAsync(new PostgresResumeQuota(Database, TimeProvider.System)))
        {
            Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway));
            Assert.Equal(HttpStatusCode.Accepted, await SendAsync(gateway));
        }

        await using var restarted = await StartAsync(new PostgresResumeQuota(Database, TimeProvider.System));
        using var response = await restarted.Http.PostAsJsonAsync("/api/resumes", Resume, Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task What_cannot_be_counted_is_not_taken()
    {
        await using var gateway = await StartAsync(new Unreachable());
        using var response = await gateway.Http.PostAsJsonAsync("/api/resumes", Resume, Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(RefusalCodes.StoreUnavailable, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
        Assert.Empty(gateway.Log.Records);
    }

    private static object Resume => new { candidateId = "c1", jobId = "j1", jobVersion = 1, jobText = "Kafka engineer", resumeText = "Kafka since 2015" };

    private static Task<GatewayHarness> StartAsync(IResumeQuota quota) =>
        GatewayHarness.StartAsync(configure: o => o.Resumes.PerHour = 2, services: services => services.AddSingleton(quota));

    private static async Task<HttpStatusCode> SendAsync(GatewayHarness gateway)
    {
        using var response = await gateway.Http.PostAsJsonAsync("/api/resumes", Resume, Cancel);
        return response.StatusCode;
    }

    private sealed class Unreachable : IResumeQuota
    {
        public ValueTask<TimeSpan> TakeAsync(string client, int resumes, ResumeLimits limits, CancellationToken cancellationToken) =>
            ValueTask.FromException<TimeSpan>(new TransientException("connection refused"));
    }
}
