using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>The resume API: what is taken, what is refused, and what a task shows.</summary>
public sealed class ResumeApiTests
{
    private readonly MemoryResumes memory = new();
    private readonly ManualTime time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Task<GatewayHarness> StartAsync(Action<GatewayOptions>? configure = null, MemoryLog? log = null) =>
        GatewayHarness.StartAsync(log, configure, time, services: services => services.AddSingleton<IMediaStore>(memory));

    private static object Single(string candidate = "c1", string text = "Kafka since 2015") =>
        new { candidateId = candidate, jobId = "j1", jobVersion = 3, jobText = "Kafka engineer", resumeText = text, requestedBy = "hr-1" };

    private static object Bulk(params object?[] items) => new { jobId = "j1", jobVersion = 1, jobText = "Kafka engineer", items };

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>(Ct);

    private static async Task<string> CodeAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.Equal(expected, response.StatusCode);
        return (await JsonAsync(response)).GetProperty("code").GetString()!;
    }

    [Fact]
    public async Task A_resume_as_text_becomes_one_request_and_a_task()
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.Http.PostAsJsonAsync("/api/resumes", Single(), Ct);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var request = Assert.Single(gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests));
        Assert.Equal(("c1", "j1", 3, "Kafka since 2015", "hr-1", false, 1), (request.CandidateId, request.JobId, request.JobVersion, request.ResumeText, request.RequestedBy, request.Bulk, request.ItemCount));
        Assert.Equal($"/api/resumes/tasks/{request.TaskId}", response.Headers.Location!.ToString());
        var task = await gateway.Http.GetFromJsonAsync<JsonElement>(response.Headers.Location, Ct);
        Assert.Equal(("queued", 1, 0), (task.GetProperty("status").GetString(), task.GetProperty("queued").GetInt32(), task.GetProperty("percent").GetInt32()));
        Assert.Equal("unknown-task", await CodeAsync(await gateway.Http.GetAsync("/api/resumes/tasks/none", Ct), HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_media_store_that_goes_away_within_a_form_refuses_it_in_words()
    {
        await using var gateway = await StartAsync();
        (memory.TakesStill, memory.DeletesToFail) = (1, 1);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("j1"), "jobId" }, { new StringContent("Kafka engineer"), "jobText" },
            { new ByteArrayContent("%PDF-1.4 one"u8.ToArray()), "resume:c1", "1.pdf" }, { new ByteArrayContent("%PDF-1.4 two"u8.ToArray()), "resume:c2", "2.pdf" },
        };
        using var response = await gateway.Http.PostAsync("/api/resumes/bulk", form, Ct);
        Assert.Equal("overloaded", await CodeAsync(response, HttpStatusCode.ServiceUnavailable));
        Assert.Empty(gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests));
    }

    [Fact]
    public async Task A_file_lies_in_the_media_store_under_a_key_that_its_name_has_no_part_in()
    {
        await using var gateway = await StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("c1"), "candidateId" }, { new StringContent("j1"), "jobId" }, { new StringContent("Kafka engineer"), "jobText" },
            { new ByteArrayContent("%PDF-1.4 content"u8.ToArray()), "file", "../../../etc/passwd" },
        };
        using var response = await gateway.Http.PostAsync("/api/resumes", form, Ct);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var request = Assert.Single(gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests));
        Assert.Equal(("", 16), (request.ResumeText, request.FileBytes));
        var file = Assert.Single(memory.Files);
        Assert.Equal(request.FileKey, file.Key);
        Assert.DoesNotContain("passwd", file.Key, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", request.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bulk_form_names_the_candidate_of_each_file()
    {
        await using var gateway = await StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("j1"), "jobId" }, { new StringContent("Kafka engineer"), "jobText" } };
        for (var i = 0; i < 3; i++)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes($"resume {i}")), $"resume:c{i}", "cv.pdf");
        }

        using var response = await gateway.Http.PostAsync("/api/resumes/bulk", form, Ct);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(["c0", "c1", "c2"], gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests).Select(r => r.CandidateId));
        Assert.All(gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests), r => Assert.True(r.Bulk && r.ItemCount == 3));
    }

    [Fact]
    public async Task Of_a_bulk_the_good_ones_are_taken_and_each_bad_one_is_a_failed_result_with_its_cause()
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.Http.PostAsJsonAsync("/api/resumes/bulk", Bulk(
            new { candidateId = "c0", resumeText = "Kafka" }, new { candidateId = "c1" }, new { resumeText = "nobody's" }, new { candidateId = "c3", fileBase64 = "!!" },
            new { candidateId = "c4", resumeText = "" }, null, new { candidateId = "c6", fileBase64 = Convert.ToBase64String("Kafka"u8) }, new { candidateId = "c7", resumeText = "a", fileBase64 = "YQ==" }), Ct);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var answer = await JsonAsync(response);
        Assert.Equal((8, 2), (answer.GetProperty("items").GetInt32(), answer.GetProperty("accepted").GetInt32()));
        Assert.Equal([1, 2, 3, 4, 5, 7], answer.GetProperty("refused").EnumerateArray().Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal([0, 6], gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests).Select(r => r.ItemIndex));
        var failed = gateway.Log.Of<ResumeOptimized>(Topics.ResumeResults);
        Assert.Equal([1, 2, 3, 4, 5, 7], failed.Select(r => r.ItemIndex));
        Assert.All(failed, r => Assert.NotEqual("", r.Error));
        var task = await gateway.Http.GetFromJsonAsync<JsonElement>(answer.GetProperty("statusUrl").GetString(), Ct);
        Assert.Equal(("running", 6, 75.0), (task.GetProperty("status").GetString(), task.GetProperty("failed").GetInt32(), task.GetProperty("percent").GetDouble()));
        Assert.Equal(8, task.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task A_client_has_a_hundred_resumes_an_hour_and_a_thousand_a_day_and_is_told_when_to_come_back()
    {
        await using var gateway = await StartAsync();
        var hundred = Bulk([.. Enumerable.Range(0, 100).Select(i => new { candidateId = $"c{i}", resumeText = "Kafka" })]);
        for (var hour = 0; hour < 10; hour++)
        {
            using var taken = await gateway.Http.PostAsJsonAsync("/api/resumes/bulk", hundred, Ct);
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
            using var refused = await gateway.Http.PostAsJsonAsync("/api/resumes", Single(), Ct);
            Assert.Equal("too-many-resumes", await CodeAsync(refused, HttpStatusCode.TooManyRequests));
            var wait = refused.Headers.RetryAfter!.Delta!.Value;
            Assert.InRange(wait, TimeSpan.FromMinutes(55), hour < 9 ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1));
            time.Advance(TimeSpan.FromHours(1));
        }

        using var over = await gateway.Http.PostAsJsonAsync("/api/resumes", Single(), Ct);
        Assert.Equal("too-many-resumes", await CodeAsync(over, HttpStatusCode.TooManyRequests));
        Assert.InRange(over.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromHours(12), TimeSpan.FromHours(15));
        time.Advance(over.Headers.RetryAfter!.Delta!.Value);
        using var again = await gateway.Http.PostAsJsonAsync("/api/resumes", Single(), Ct);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task Ten_thousand_items_are_refused_at_once_and_so_is_a_body_too_large()
    {
        await using var gateway = await StartAsync(o => (o.Resumes.PerHour, o.Resumes.PerDay, o.Resumes.MaxBulkBytes) = (1_000_000, 1_000_000, 1024 * 1024));
        using var many = await gateway.Http.PostAsJsonAsync("/api/resumes/bulk", Bulk([.. Enumerable.Range(0, 10_000).Select(i => new { candidateId = $"c{i}", resumeText = "Kafka" })]), Ct);
        Assert.Equal("too-many-items", await CodeAsync(many, HttpStatusCode.RequestEntityTooLarge));
        using var large = await gateway.Http.PostAsJsonAsync("/api/resumes/bulk", Bulk(new { candidateId = "c", resumeText = new string('x', 2 * 1024 * 1024) }), Ct);
        Assert.Equal("invalid-request", await CodeAsync(large, HttpStatusCode.RequestEntityTooLarge));
        Assert.Empty(gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests));
    }

    [Theory]
    [InlineData("{\"candidateId\":\"c\",\"jobText\":\"j\",\"resumeText\":\"r\"}", "jobId")]
    [InlineData("{\"candidateId\":\"c\",\"jobId\":\"j\",\"resumeText\":\"r\"}", "jobText")]
    [InlineData("{\"candidateId\":\"c\",\"jobId\":\"j\",\"jobVersion\":0,\"jobText\":\"j\",\"resumeText\":\"r\"}", "jobVersion")]
    [InlineData("{\"jobId\":\"j\",\"jobText\":\"j\",\"resumeText\":\"r\"}", "candidateId")]
    [InlineData("{\"candidateId\":\"c\\u0000\",\"jobId\":\"j\",\"jobText\":\"j\",\"resumeText\":\"r\"}", "candidateId")]
    [InlineData("{\"candidateId\":\"c\",\"jobId\":\"j\",\"jobText\":\"j\"}", "the resume is missing")]
    [InlineData("{\"candidateId\":", "not the JSON")]
    [InlineData("null", "The body is missing")]
    public async Task What_is_not_complete_is_refused_and_named(string body, string named)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.Http.PostAsync("/api/resumes", new StringContent(body, Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(named, (await JsonAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(memory.Files);
    }

    [Fact]
    public async Task A_form_that_breaks_off_or_comes_without_its_job_leaves_no_file_behind()
    {
        await using var gateway = await StartAsync();
        const string Start = "--b\r\nContent-Disposition: form-data; name=\"jobId\"\r\n\r\nj1\r\n--b\r\nContent-Disposition: form-data; name=\"jobText\"\r\n\r\nKafka\r\n--b\r\n"
            + "Content-Disposition: form-data; name=\"resume:c1\"; filename=\"a\"\r\n\r\nfirst\r\n--b\r\nContent-Disposition: form-data; name=\"resume:c2\"\r\n\r\nsec";
        using var cut = new StringContent(Start);
        cut.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "b") } };
        using var response = await gateway.Http.PostAsync("/api/resumes/bulk", cut, Ct);
        Assert.Equal("invalid-request", await CodeAsync(response, HttpStatusCode.BadRequest));
        using var noJob = new MultipartFormDataContent { { new ByteArrayContent([1, 2, 3]), "resume:c1", "a" } };
        using var second = await gateway.Http.PostAsync("/api/resumes/bulk", noJob, Ct);
        Assert.Equal("invalid-request", await CodeAsync(second, HttpStatusCode.BadRequest));
        Assert.Empty(memory.Files);
        Assert.DoesNotContain(gateway.Log.Records, r => r.Topic == Topics.ResumeRequests);
    }

    [Fact]
    public async Task When_Kafka_does_not_take_it_the_client_is_told_and_no_file_is_kept()
    {
        var log = new MemoryLog();
        await using var gateway = await StartAsync(log: log);
        log.Refuse(Topics.ResumeRequests);
        using var response = await gateway.Http.PostAsJsonAsync("/api/resumes", Single(text: new string('x', 50_000)), Ct);
        Assert.Equal("kafka-unavailable", await CodeAsync(response, HttpStatusCode.ServiceUnavailable));
        Assert.Empty(memory.Files);
    }
}
