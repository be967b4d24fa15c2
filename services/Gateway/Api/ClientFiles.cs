using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Api;

/// <summary>The pages and their modules, embedded in the assembly: /, /capture, /reviews, /live/{id}, /report.html?session=ID and /client/FILE.</summary>
internal static class ClientFiles
{
    private const string Prefix = "client/";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private static readonly Dictionary<string, (byte[] Data, string Type, string Tag)> Files = Load();

    public static void MapClientFiles(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", (HttpContext context) => Serve(context, "index.html"));
        app.MapGet("/capture", (HttpContext context) => Serve(context, "capture.html"));
        app.MapGet("/reviews", (HttpContext context) => Serve(context, "reviews.html"));
        app.MapGet("/live/{id}", (HttpContext context) => Serve(context, "live.html"));
        app.MapGet("/report.html", (HttpContext context) => Serve(context, "report.html"));
        app.MapGet("/client/{name}", (HttpContext context, string name) => Serve(context, name));
        app.MapGet("/favicon.ico", (HttpContext context) => Serve(context, "icon.svg"));
    }

    private static IResult Serve(HttpContext context, string name)
    {
        if (!Files.TryGetValue(name, out var file))
        {
            return Problems.Of(404, "not-found", $"There is no page file {name}.");
        }

        // everything comes from this gateway: no other origin may be asked, no page may frame this one
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["Permissions-Policy"] = "camera=(self), microphone=(self)";
        context.Response.Headers.CacheControl = "no-cache";
        return HttpResults.Bytes(file.Data, file.Type, entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue(file.Tag));
    }

    private static Dictionary<string, (byte[] Data, string Type, string Tag)> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, (byte[], string, string)>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var data = new byte[stream.Length];
            stream.ReadExactly(data);
            var type = ContentTypes.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");
            files[name[Prefix.Length..]] = (data, type, $"\"{Convert.ToHexStringLower(SHA256.HashData(data))[..16]}\"");
        }

        return files;
    }
}
