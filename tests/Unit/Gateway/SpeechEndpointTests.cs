using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class SpeechEndpointTests
{
    [Fact]
    public async Task A_question_that_has_been_asked_is_read_aloud_and_may_be_kept_by_the_browser()
    {
        var voice = new FakeVoice();
        await using var gateway = await StartAsync(voice);
        await using var client = await gateway.StartInterviewAsync();
        var id = gateway.Log.Of<SessionState>(Topics.Sessions)[0].SessionId;
        using var response = await GetAsync(gateway, id, 0, client.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("audio/wav", response.Content.Headers.ContentType!.ToString());
        Assert.Equal((true, TimeSpan.FromHours(1)), (response.Headers.CacheControl!.Private, response.Headers.CacheControl.MaxAge));
        Assert.Equal("fake", response.Headers.GetValues("Speech-Engine").Single());
        Assert.Equal(voice.Wav, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("Read aloud.", Assert.Single(voice.Texts));

        using var again = await GetAsync(gateway, id, 0, client.Token, response.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Neither_a_stranger_nor_another_session_hears_a_question_nor_anyone_the_next_one()
    {
        await using var gateway = await StartAsync(new FakeVoice());
        var (id, token) = await gateway.CreateSessionAsync();
        await Expect(HttpStatusCode.NotFound, RefusalCodes.UnknownQuestion, id, 0, token);
        await using var client = await gateway.ConnectAsync(token);
        await client.HelloAsync();
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        await Expect(HttpStatusCode.NotFound, RefusalCodes.UnknownQuestion, id, 1, token);
        await Expect(HttpStatusCode.NotFound, RefusalCodes.UnknownQuestion, id, -1, token);
        await Expect(HttpStatusCode.Unauthorized, RefusalCodes.InvalidToken, id, 0, null);
        await Expect(HttpStatusCode.Unauthorized, RefusalCodes.InvalidToken, id, 0, token + "x");
        var (otherId, otherToken) = await gateway.CreateSessionAsync();
        await Expect(HttpStatusCode.Unauthorized, RefusalCodes.InvalidToken, id, 0, otherToken);
        await Expect(HttpStatusCode.Unauthorized, RefusalCodes.InvalidToken, otherId, 0, token);

        async Task Expect(HttpStatusCode status, string code, string session, int index, string? with)
        {
            using var response = await GetAsync(gateway, session, index, with);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            Assert.Contains(code, await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_voice_the_answer_is_empty_and_the_hello_says_whether_there_is_one(bool registered)
    {
        await using var gateway = await StartAsync(registered ? new FakeVoice { Wav = null } : null);
        var (id, token) = await gateway.CreateSessionAsync();
        await using var client = await gateway.ConnectAsync(token);
        Assert.Equal(registered, (await client.HelloAsync()).GetProperty("readAloud").GetBoolean());
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        using var response = await GetAsync(gateway, id, 0, token);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
    }

    private static Task<GatewayHarness> StartAsync(FakeVoice? voice) => GatewayHarness.StartAsync(services: s =>
    {
        if (voice is not null)
        {
            s.AddSingleton<ISpeechSynthesizer>(voice);
        }
    });

    private static async Task<HttpResponseMessage> GetAsync(GatewayHarness gateway, string session, int index, string? token, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{session}/questions/{index}/speech");
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return await gateway.Http.SendAsync(request);
    }

    private sealed class FakeVoice : ISpeechSynthesizer
    {
        public byte[]? Wav { get; init; } = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

        public List<string> Texts { get; } = [];

        public Task<SpokenAudio?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken)
        {
            lock (Texts)
            {
                Texts.Add(request.Text);
            }

            return Task.FromResult(Wav is null ? null : new SpokenAudio(Wav, "fake"));
        }
    }
}
