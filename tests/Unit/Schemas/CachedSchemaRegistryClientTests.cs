using System.Net;
using System.Text;
using StreamPlatform.Schemas;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Schemas;

public sealed class CachedSchemaRegistryClientTests
{
    private static readonly Schema Person = new("syntax = \"proto3\"; message P {}", []);

    [Fact]
    public async Task Asks_once_for_what_cannot_change_and_always_for_the_latest()
    {
        var handler = new Answers("""{"id":5,"subject":"s","version":1,"schema":"x","schemaType":"PROTOBUF"}""");
        using var client = Client(handler);
        int[] ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.RegisterSchemaAsync("s", Person)));
        Assert.All(ids, id => Assert.Equal(5, id));
        Assert.Equal(["POST /subjects/s/versions"], handler.Requests);
        await client.GetLatestSchemaAsync("s");
        await client.GetLatestSchemaAsync("s");
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_slash_in_a_subject_is_escaped()
    {
        var handler = new Answers("[1]");
        using var client = Client(handler);
        await client.GetSubjectVersionsAsync("dir/file.proto");
        Assert.Equal(["GET /subjects/dir%2Ffile.proto/versions"], handler.Requests);
    }

    [Fact]
    public async Task An_error_answer_is_reported_with_its_code_and_not_repeated()
    {
        var handler = new Answers("""{"error_code":40401,"message":"Subject 's' not found."}""", HttpStatusCode.NotFound);
        using var client = Client(handler, retries: 5);
        SchemaRegistryException e = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetLatestSchemaAsync("s"));
        Assert.Equal((40401, HttpStatusCode.NotFound), (e.ErrorCode, e.StatusCode!.Value));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_failing_registry_is_asked_again_after_growing_waits_as_often_as_allowed()
    {
        var time = new VirtualTime();
        var handler = new Answers("gateway down", HttpStatusCode.BadGateway);
        using var client = Client(handler, retries: 2, time);
        Task<IReadOnlyList<string>> asked = client.GetAllSubjectsAsync();
        Assert.Single(handler.Requests);
        long start = time.GetTimestamp();
        while (!asked.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.InRange(time.GetElapsedTime(start).TotalMilliseconds, 600, double.MaxValue); // 200, then twice that
        Assert.Equal(HttpStatusCode.BadGateway, (await Assert.ThrowsAsync<SchemaRegistryException>(() => asked)).StatusCode);
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_silent_registry_is_given_up_after_the_time_limit_and_named()
    {
        var time = new VirtualTime();
        using var client = Client(new Silence(), retries: 0, time);
        Task<IReadOnlyList<string>> asked = client.GetAllSubjectsAsync();
        time.Advance(TimeSpan.FromSeconds(10));
        HttpRequestException e = await Assert.ThrowsAsync<HttpRequestException>(() => asked);
        Assert.Contains("http://registry.test/subjects gave no answer within 10000 ms", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bounded_cache_forgets_the_oldest()
    {
        var cache = new BoundedCache<int, string>(2);
        cache.Set(1, "a");
        cache.Set(2, "b");
        cache.Set(2, "c");
        cache.Set(3, "d");
        Assert.False(cache.TryGet(1, out _));
        Assert.True(cache.TryGet(2, out string? two));
        Assert.Equal("c", two);
    }

    [Theory]
    [InlineData("", 1000, "Url is empty")]
    [InlineData("registry:8081", 1000, "'registry:8081' is no http(s) address")]
    [InlineData("http://r", 0, "MaxCachedSchemas is 0, accepted: 1..100000")]
    public void A_wrong_configuration_is_named(string url, int cached, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new CachedSchemaRegistryClient(new() { Url = url, MaxCachedSchemas = cached })).Message, StringComparison.Ordinal);

    private static CachedSchemaRegistryClient Client(HttpMessageHandler handler, int retries = 0, TimeProvider? time = null) =>
        new(new() { Url = "http://registry.test", MaxRetries = retries }, time, handler);

    private sealed class Answers(string body, HttpStatusCode status = HttpStatusCode.OK) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8) });
        }
    }

    private sealed class Silence : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
