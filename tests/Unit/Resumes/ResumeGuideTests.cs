using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>Every command of docs/resumes.md is sent to a gateway as it stands there.</summary>
public sealed partial class ResumeGuideTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_is_taken()
    {
        var memory = new MemoryResumes();
        await using var gateway = await GatewayHarness.StartAsync(services: services => services.AddSingleton<IMediaStore>(memory));
        var guide = await File.ReadAllTextAsync(Repository.File("docs/resumes.md"), Ct);
        var examples = Example().Matches(guide);
        Assert.Equal(4, examples.Count);
        foreach (Match example in examples)
        {
            using HttpContent body = Json().Match(example.Value) is { Success: true } json ? new StringContent(json.Groups[1].Value, Encoding.UTF8, "application/json") : Form(example.Value);
            using var answer = await gateway.Http.PostAsync(example.Groups[1].Value, body, Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{example.Value}: {await answer.Content.ReadAsStringAsync(Ct)}");
        }

        Assert.Equal(6, gateway.Log.Of<ResumeRequested>(Topics.ResumeRequests).Count);
        Assert.Empty(gateway.Log.Of<ResumeOptimized>(Topics.ResumeResults));
    }

    private static MultipartFormDataContent Form(string command)
    {
        var form = new MultipartFormDataContent();
        foreach (var field in Field().Matches(command).Select(m => (m.Groups[1].Length > 0 ? m.Groups[1] : m.Groups[2]).Value.Split('=', 2)))
        {
            if (field[1].StartsWith('@'))
            {
                form.Add(new ByteArrayContent("Jane Example, Kafka"u8.ToArray()), field[0], field[1][1..]);
            }
            else
            {
                form.Add(new StringContent(field[1]), field[0]);
            }
        }

        return form;
    }

    [GeneratedRegex(@"^curl -s localhost:8080(\S+)(?:[^\n]*\\\n|[^\n]*'\{\n(?:[^\n]*\n)*?[^\n]*\}')?[^\n]*", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"-d '(\{.*\})'", RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex(@"-F (?:'([^']+)'|(\S+))")]
    private static partial Regex Field();
}
