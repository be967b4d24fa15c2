using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>Resumes from the API to the task and back, over a kill, as docs/resumes.md shows it.</summary>
public sealed class ResumeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resumes_are_judged_their_files_go_and_their_task_outlives_a_kill()
    {
        using var data = new DataDirectory();
        string status;
        await using (var first = PlatformProcess.Start("up", data.Path))
        {
            using var http = new HttpClient { BaseAddress = (await first.ReadyAsync(TimeSpan.FromMinutes(2))).Pages, Timeout = TimeSpan.FromSeconds(30) };
            using var form = new MultipartFormDataContent
            {
                { new StringContent("backend-1"), "jobId" }, { new StringContent("Senior engineer: Kafka, stream processing, C#"), "jobText" },
                { new ByteArrayContent(Encoding.UTF8.GetBytes("Jane Example built stream processing on Kafka in C#.")), "resume:jane", "../../jane.txt" },
                { new ByteArrayContent([.. "%PDF-1.4"u8, .. new byte[100]]), "resume:john", "john.pdf" },
                { new ByteArrayContent([]), "resume:empty", "empty.txt" },
            };
            using var answer = await http.PostAsync("/api/resumes/bulk", form, Ct);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            status = PathOf(answer.Headers.Location!); // the next start listens elsewhere
            await first.KillAsync();
        }

        await using var second = PlatformProcess.Start("up", data.Path);
        using var again = new HttpClient { BaseAddress = (await second.ReadyAsync(TimeSpan.FromMinutes(2))).Pages, Timeout = TimeSpan.FromSeconds(30) };
        var task = await FinishedAsync(again, status);
        Assert.Equal((3, 1, 2, 100.0), (task.GetProperty("items").GetInt32(), task.GetProperty("done").GetInt32(), task.GetProperty("failed").GetInt32(), task.GetProperty("percent").GetDouble()));
        var items = task.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["done", "failed", "failed"], items.Select(i => i.GetProperty("state").GetString()));
        Assert.True(items[0].GetProperty("needsHumanReview").GetBoolean());
        Assert.Contains("damaged", items[1].GetProperty("error").GetString(), StringComparison.Ordinal);

        using var same = await again.PostAsJsonAsync("/api/resumes", new { candidateId = "jane", jobId = "backend-1", jobText = "Senior engineer: Kafka, stream processing, C#", fileBase64 = Convert.ToBase64String(Encoding.UTF8.GetBytes("Jane Example built stream processing on Kafka in C#.")) }, Ct);
        Assert.Equal(1, (await FinishedAsync(again, same.Headers.Location!.ToString())).GetProperty("fromCache").GetInt32());
        var media = Path.Combine(data.Path, "media");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Directory.GetFiles(media, "*", SearchOption.AllDirectories).Any(file => file.Contains("/resumes/", StringComparison.Ordinal)))
        {
            await Task.Delay(100, limit.Token);
        }
    }

    private static string PathOf(Uri address) => address.IsAbsoluteUri ? address.PathAndQuery : address.ToString();

    private static async Task<JsonElement> FinishedAsync(HttpClient http, string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await http.GetAsync(status, limit.Token);
            if (answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token) is var task && task.GetProperty("status").GetString() == "finished")
            {
                return task;
            }

            await Task.Delay(100, limit.Token);
        }
    }
}
