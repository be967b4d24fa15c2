using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Media.Vault;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>What is kept of a session, over HTTP, from a directory and PostgreSQL.</summary>
public sealed class MediaApiTests(PostgresFixture postgres) : MigratedDatabase(postgres), IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("media-api-").FullName;

    [Fact]
    public async Task A_file_is_listed_and_comes_back_whole_and_its_download_is_audited()
    {
        var vault = new MediaVault(new DirectoryObjectStore(folder, 1 << 20, TimeProvider.System), new PostgresMediaCatalog(Database), new DerivedMediaKeys(new byte[32]), new(), TimeProvider.System);
        var kept = await vault.KeepAsync(new(MediaKinds.Video, "acme", "session-1", "candidate-1", "a.mp4", "video/mp4"), new MemoryStream("the film"u8.ToArray()), Cancel);
        await using var gateway = await GatewayHarness.StartAsync(services: services => services.AddSingleton(vault));
        var listed = Assert.Single(JsonDocument.Parse(await gateway.Http.GetStringAsync("/api/sessions/session-1/media", Cancel)).RootElement.EnumerateArray());
        Assert.Equal(("video", 8L, kept.Sha256), (listed.GetProperty("kind").GetString(), listed.GetProperty("bytes").GetInt64(), listed.GetProperty("sha256").GetString()));

        using var film = await gateway.Http.GetAsync($"/api/sessions/session-1/media/{kept.Sha256}", Cancel);
        Assert.Equal("the film", await film.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("video/mp4", film.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-store", film.Headers.CacheControl!.ToString());
        Assert.Contains(gateway.Log.Of<AuditEvent>(Topics.Audit), a => a.Action == "media.read" && a.SessionId == "session-1");

        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.GetAsync($"/api/sessions/session-2/media/{kept.Sha256}", Cancel)).StatusCode);
        File.WriteAllText(Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories)[0], "changed");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Http.GetAsync($"/api/sessions/session-1/media/{kept.Sha256}", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_gateway_that_keeps_nothing_says_so()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.GetAsync("/api/sessions/session-1/media", Cancel)).StatusCode);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
