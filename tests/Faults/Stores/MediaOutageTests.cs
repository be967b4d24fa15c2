using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Media.Vault;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Tests.EndToEnd.Support;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>
/// F16 for the media store, a bucket: it is killed while recordings and resumes arrive and stays away for 60 s. Who uploads is told at once and sends again; what was
/// taken is stored once and whole, every resume gets its one result, and no object is left without a row or a row without its object. It mostly waits: beside the others.
/// </summary>
[Trait("Run", "all")]
public sealed class MediaOutageTests
{
    private const int Pieces = 40; // of each: recordings and resumes, spread over the outage and both its ends
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(30); // it takes a second or two; but the machine is shared with the heaviest tests
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(8); // one that was taken just before the kill is read again after 30 s, and then after 5 minutes (ResumeTopology)
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task A_minute_without_the_bucket_loses_nothing_and_doubles_nothing()
    {
        await using var bucket = await StoreBucket.StartAsync();
        await using var postgres = await StorePostgres.StartAsync();
        using var data = new DataDirectory();
        await using var platform = PlatformProcess.StartRaw(
            ["up", "--data", data.Path, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0", "--postgres", postgres.ConnectionString, "--media", bucket.Location],
            new Dictionary<string, string>
            {
                ["STREAMPLATFORM_MEDIA_KEY"] = Convert.ToBase64String(Key),
                ["STREAMPLATFORM_MEDIA_ACCESS_KEY"] = StoreBucket.AccessKey,
                ["STREAMPLATFORM_MEDIA_SECRET_KEY"] = StoreBucket.AccessKey,
            });
        using var http = new HttpClient { BaseAddress = (await platform.ReadyAsync(Patience)).Pages, Timeout = TimeSpan.FromSeconds(60) };
        using var objects = bucket.Open();
        var catalog = new PostgresMediaCatalog(postgres.Database);
        var vault = new MediaVault(objects, catalog, new DerivedMediaKeys(Key), new(), TimeProvider.System);
        var first = await KeepAsync(vault, -1);
        using (var download = await DownloadAsync(http, first)) Assert.Equal(HttpStatusCode.OK, download.StatusCode);

        var clock = Stopwatch.StartNew();
        var refused = new Refusals();
        var recordings = UploadAsync(clock, piece => KeptAsync(vault, piece, refused));
        var resumes = UploadAsync(clock, piece => TakenAsync(http, piece, refused));
        await SinkStage.UntilAsync(async () => (await catalog.OfSessionAsync(SessionOf(0), CancellationToken.None)).Count > 0, "the first recording is kept", Patience);
        await bucket.KillAsync();
        var down = Stopwatch.StartNew();
        await SinkStage.UntilAsync(async () => (await MediaHealthAsync(http)).Contains("down for", StringComparison.Ordinal), "/health says that the media store is down", ToldWithin);

        var asked = Stopwatch.StartNew();
        using (var download = await DownloadAsync(http, first))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, download.StatusCode);
            Assert.NotNull(download.Headers.RetryAfter);
            Assert.True(asked.Elapsed < ToldWithin, $"a download was refused after {asked.Elapsed}");
        }

        await Assert.ThrowsAsync<IOException>(() => SweepAsync(objects, catalog, TimeSpan.Zero));
        Assert.False((await catalog.FindAsync(first.Key, CancellationToken.None))!.Missing);
        if (Outage - down.Elapsed is var rest && rest > TimeSpan.Zero) await Task.Delay(rest);
        await bucket.StartAgainAsync();

        var back = Stopwatch.StartNew();
        await recordings.WaitAsync(Patience);
        var tasks = await resumes.WaitAsync(Patience);
        foreach (var task in tasks) await FinishedAsync(http, task);
        var finished = back.Elapsed;
        await SinkStage.UntilAsync(async () => (await CountAsync(objects, "resumes")) == 0, "the files of resumes that have results are deleted", Patience);
        await SinkStage.UntilAsync(async () => !(await MediaHealthAsync(http)).Contains("down for", StringComparison.Ordinal), "/health is green again", ToldWithin);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"away for {(down.Elapsed - back.Elapsed).TotalSeconds:0} s, {refused.Count} uploads refused, after {refused.Longest.TotalSeconds:0.0} s at most; all stored {finished.TotalSeconds:0.0} s after its return");
        Assert.True(refused.Count > 10, $"only {refused.Count} uploads met the outage");
        Assert.True(refused.Longest < ToldWithin, $"an upload was refused after {refused.Longest}");

        Assert.Equal(Pieces, await postgres.NumberAsync("SELECT count(*) FROM optimizations WHERE status = 'done'"));
        await SweepLaterAsync(objects, catalog);
        Assert.Equal(Pieces + 1, await CountAsync(objects, MediaVault.Prefix));
        for (var piece = -1; piece < Pieces; piece++)
        {
            var entry = Assert.Single(await catalog.OfSessionAsync(SessionOf(piece), CancellationToken.None));
            Assert.False(entry.Missing);
            await using var content = (await vault.OpenAsync(entry, CancellationToken.None))!;
            using var whole = new MemoryStream();
            await content.CopyToAsync(whole);
            Assert.True(whole.ToArray().AsSpan().SequenceEqual(Recording(piece)), $"recording {piece} came back changed");
        }
    }

    private static async Task<T[]> UploadAsync<T>(Stopwatch clock, Func<int, Task<T>> upload)
    {
        List<Task<T>> uploads = [];
        for (var piece = 0; piece < Pieces; piece++)
        {
            if ((Outage + TimeSpan.FromSeconds(5)) * piece / Pieces - clock.Elapsed is var pause && pause > TimeSpan.Zero) await Task.Delay(pause);
            var number = piece;
            uploads.Add(Task.Run(() => upload(number)));
        }

        return await Task.WhenAll(uploads);
    }

    private static Task<MediaEntry> KeepAsync(MediaVault vault, int piece) =>
        vault.KeepAsync(new(MediaKinds.Video, "acme", SessionOf(piece), $"c-{piece}", "interview.mp4", "video/mp4"), new MemoryStream(Recording(piece)), CancellationToken.None);

    /// <summary>As a person does: again until it is taken.</summary>
    private static async Task<MediaEntry> KeptAsync(MediaVault vault, int piece, Refusals refused)
    {
        while (true)
        {
            var begun = Stopwatch.StartNew();
            try
            {
                return await KeepAsync(vault, piece);
            }
            catch (IOException)
            {
                refused.Add(begun.Elapsed);
                await Task.Delay(TimeSpan.FromSeconds(2));
            }
        }
    }

    private static async Task<string> TakenAsync(HttpClient http, int piece, Refusals refused)
    {
        var file = System.Text.Encoding.UTF8.GetBytes($"Candidate {piece} built stream processing on Kafka in C#.");
        while (true)
        {
            var begun = Stopwatch.StartNew();
            using var answer = await http.PostAsJsonAsync("/api/resumes", new { candidateId = $"c-{piece}", jobId = "backend-1", jobText = "Kafka, stream processing, C#", fileBase64 = Convert.ToBase64String(file) });
            if (answer.StatusCode == HttpStatusCode.Accepted) return answer.Headers.Location!.ToString();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            refused.Add(begun.Elapsed);
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
    }

    private static Task FinishedAsync(HttpClient http, string task) => SinkStage.UntilAsync(
        async () =>
        {
            using var answer = await http.GetAsync(task);
            return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadFromJsonAsync<JsonElement>() is var status && status.GetProperty("status").GetString() == "finished";
        },
        $"{task} is finished",
        LastRetry);

    private static Task<HttpResponseMessage> DownloadAsync(HttpClient http, MediaEntry entry) => http.GetAsync($"/api/sessions/{entry.SessionId}/media/{entry.Sha256}");

    private static async Task<string> MediaHealthAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/health");
        var media = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["sources"]!.AsArray().Single(s => s!["name"]!.GetValue<string>() == "media")!;
        return media["detail"]!.GetValue<string>();
    }

    private static Task<MediaCleanUp> SweepAsync(IObjectStore objects, IMediaCatalog catalog, TimeSpan later) =>
        new MediaSweep(objects, catalog, new(), new Later(later), NullLogger<MediaSweep>.Instance).RunAsync(CancellationToken.None);

    /// <summary>When what was cut short is older than the grace.</summary>
    private static Task SweepLaterAsync(IObjectStore objects, IMediaCatalog catalog) => SweepAsync(objects, catalog, TimeSpan.FromHours(25));

    private static async Task<int> CountAsync(IObjectStore objects, string prefix)
    {
        var count = 0;
        await foreach (var found in objects.ListAsync(prefix, CancellationToken.None)) count++;
        return count;
    }

    private static string SessionOf(int piece) => $"session-{piece}";

    /// <summary>Every fourth goes up in parts.</summary>
    private static byte[] Recording(int piece)
    {
        var content = new byte[piece % 4 == 3 ? 11 << 20 : 100_000 + piece];
        new Random(piece).NextBytes(content);
        return content;
    }

    private sealed class Refusals
    {
        private readonly Lock gate = new();

        public int Count { get; private set; }

        public TimeSpan Longest { get; private set; }

        public void Add(TimeSpan took)
        {
            lock (gate)
            {
                (Count, Longest) = (Count + 1, took > Longest ? took : Longest);
            }
        }
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
