using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Registry.State;

namespace StreamPlatform.Registry.Api;

/// <summary>
/// Confluent's schema registry REST API, the Protobuf part. Left out: contexts, metadata and rule sets, GUIDs, compatibility checks
/// (POST /compatibility; the level is kept), DELETE /mode.
/// Source: Confluent Platform documentation, "Schema Registry API Reference".
/// </summary>
public static class SchemaRegistryEndpoints
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";

    /// <summary>Maps the API at the root of <paramref name="endpoints"/>; needs AddSchemaRegistry.</summary>
    public static IEndpointRouteBuilder MapSchemaRegistry(this IEndpointRouteBuilder endpoints)
    {
        MapSchemas(endpoints);
        MapSubjects(endpoints);
        MapSettings(endpoints);
        return endpoints;
    }

    private static void MapSchemas(IEndpointRouteBuilder endpoints)
    {
        Get(endpoints, "/", (_, _) => new JsonObject());
        Get(endpoints, "/schemas/types", (_, _) => new JsonArray(StoredSchema.Protobuf));
        Get(endpoints, "/schemas/ids/{id:int}", (registry, http) =>
        {
            StoredSchema schema = registry.ById(Id(http));
            var body = new JsonObject { ["schemaType"] = schema.SchemaType, ["schema"] = registry.Text(schema, Query(http, "format")) };
            AddReferences(body, schema);
            return body;
        });
        Get(endpoints, "/schemas/ids/{id:int}/schema", (registry, http) => JsonValue.Create(registry.Text(registry.ById(Id(http)), Query(http, "format"))));
        Get(endpoints, "/schemas/ids/{id:int}/subjects", (registry, http) =>
            Array(registry.VersionsWithId(Id(http), Flag(http, "deleted")).Select(v => v.Subject).Distinct().Select(s => JsonValue.Create(s))));
        Get(endpoints, "/schemas/ids/{id:int}/versions", (registry, http) =>
            Array(registry.VersionsWithId(Id(http), Flag(http, "deleted")).Select(v => new JsonObject { ["subject"] = v.Subject, ["version"] = v.Version })));
    }

    private static void MapSubjects(IEndpointRouteBuilder endpoints)
    {
        Get(endpoints, "/subjects", (registry, http) =>
        {
            string prefix = Query(http, "subjectPrefix") ?? "";
            return Array(registry.Subjects(Flag(http, "deleted")).Where(s => s.StartsWith(prefix, StringComparison.Ordinal)).Select(s => JsonValue.Create(s)));
        });
        Map(endpoints, "POST", "/subjects/{subject}", async (registry, http) =>
        {
            SchemaRequest request = await SchemaRequest.ReadAsync(http.Request, registry.MaxRequestBytes).ConfigureAwait(false);
            return Body(registry, registry.Lookup(Subject(http)!, request.SchemaType, request.Text, request.References, Flag(http, "deleted")), http);
        });
        Map(endpoints, "DELETE", "/subjects/{subject}", async (registry, http) =>
            Array((await registry.DeleteSubjectAsync(Subject(http)!, Flag(http, "permanent"), http.RequestAborted).ConfigureAwait(false)).Select(v => JsonValue.Create(v))));
        Get(endpoints, "/subjects/{subject}/versions", (registry, http) =>
            Array(registry.Versions(Subject(http)!, Flag(http, "deleted")).Select(v => JsonValue.Create(v.Version))));
        Map(endpoints, "POST", "/subjects/{subject}/versions", async (registry, http) =>
        {
            SchemaRequest request = await SchemaRequest.ReadAsync(http.Request, registry.MaxRequestBytes).ConfigureAwait(false);
            StoredSchema schema = await registry.RegisterAsync(
                Subject(http)!, request.SchemaType, request.Text, request.References, http.RequestAborted).ConfigureAwait(false);
            return Body(registry, schema, http);
        });
        Get(endpoints, "/subjects/{subject}/versions/{version}", (registry, http) => Body(registry, Version(registry, http), http));
        Get(endpoints, "/subjects/{subject}/versions/{version}/schema", (registry, http) =>
            JsonValue.Create(registry.Text(Version(registry, http), Query(http, "format"))));
        Get(endpoints, "/subjects/{subject}/versions/{version}/referencedby", (registry, http) =>
            Array(registry.ReferencedBy(Version(registry, http)).Select(id => JsonValue.Create(id))));
        Map(endpoints, "DELETE", "/subjects/{subject}/versions/{version}", async (registry, http) => JsonValue.Create(
            await registry.DeleteVersionAsync(Subject(http)!, Route(http, "version"), Flag(http, "permanent"), http.RequestAborted).ConfigureAwait(false)));
    }

    private static void MapSettings(IEndpointRouteBuilder endpoints)
    {
        foreach (string suffix in (string[])["", "/{subject}"])
        {
            Get(endpoints, "/config" + suffix, (registry, http) =>
                new JsonObject { ["compatibilityLevel"] = registry.Level(Subject(http), Flag(http, "defaultToGlobal")) });
            Map(endpoints, "PUT", "/config" + suffix, async (registry, http) =>
            {
                string? level = await SchemaRequest.ReadFieldAsync(http.Request, registry.MaxRequestBytes, "compatibility").ConfigureAwait(false);
                return new JsonObject { ["compatibility"] = await registry.SetLevelAsync(Subject(http), level, http.RequestAborted).ConfigureAwait(false) };
            });
            Map(endpoints, "DELETE", "/config" + suffix, async (registry, http) =>
                new JsonObject { ["compatibilityLevel"] = await registry.DeleteLevelAsync(Subject(http), http.RequestAborted).ConfigureAwait(false) });
            Get(endpoints, "/mode" + suffix, (registry, http) =>
                new JsonObject { ["mode"] = registry.Mode(Subject(http), Flag(http, "defaultToGlobal")) });
            Map(endpoints, "PUT", "/mode" + suffix, async (registry, http) =>
            {
                string? mode = await SchemaRequest.ReadFieldAsync(http.Request, registry.MaxRequestBytes, "mode").ConfigureAwait(false);
                return new JsonObject { ["mode"] = await registry.SetModeAsync(Subject(http), mode, http.RequestAborted).ConfigureAwait(false) };
            });
        }
    }

    private static void Get(IEndpointRouteBuilder endpoints, string path, Func<RegistryService, HttpContext, JsonNode?> answer) =>
        Map(endpoints, "GET", path, (registry, http) => Task.FromResult(answer(registry, http)));

    private static void Map(IEndpointRouteBuilder endpoints, string method, string path, Func<RegistryService, HttpContext, Task<JsonNode?>> answer) =>
        endpoints.MapMethods(path, [method], http => AnswerAsync(http, answer));

    /// <summary>Every request ends here: its answer, or an error in Confluent's form.</summary>
    private static async Task AnswerAsync(HttpContext http, Func<RegistryService, HttpContext, Task<JsonNode?>> answer)
    {
        JsonNode? body;
        try
        {
            var registry = http.RequestServices.GetRequiredService<RegistryService>();
            body = registry.IsReady ? await answer(registry, http).ConfigureAwait(false) : throw ApiException.Store(registry.Failure ?? "not started");
        }
        catch (ApiException e)
        {
            http.Response.StatusCode = e.Status;
            body = new JsonObject { ["error_code"] = e.ErrorCode, ["message"] = e.Message };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            http.RequestServices.GetRequiredService<ILogger<RegistryService>>().RequestFailed(http.Request.Method, http.Request.Path, e);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            body = new JsonObject { ["error_code"] = 50001, ["message"] = "Error in the backend data store: see the registry's log" };
        }

        http.Response.ContentType = ContentType;
        await http.Response.WriteAsync(body?.ToJsonString() ?? "null", http.RequestAborted).ConfigureAwait(false);
    }

    private static JsonNode Body(RegistryService registry, StoredSchema schema, HttpContext http)
    {
        var body = new JsonObject { ["subject"] = schema.Subject, ["version"] = schema.Version, ["id"] = schema.Id, ["schemaType"] = schema.SchemaType };
        AddReferences(body, schema);
        body["schema"] = registry.Text(schema, Query(http, "format"));
        return body;
    }

    private static void AddReferences(JsonObject body, StoredSchema schema)
    {
        if (schema.References.Count > 0)
        {
            body["references"] = TopicRecords.References(schema.References);
        }
    }

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    private static StoredSchema Version(RegistryService registry, HttpContext http) =>
        registry.Version(Subject(http)!, Route(http, "version"), Flag(http, "deleted"));

    /// <summary>The subject of the path; null where the path has none. The server leaves an encoded slash encoded.</summary>
    private static string? Subject(HttpContext http) =>
        http.GetRouteValue("subject") is string subject ? subject.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : null;

    private static string Route(HttpContext http, string name) => (string)http.GetRouteValue(name)!;

    private static int Id(HttpContext http) => int.Parse(Route(http, "id"), CultureInfo.InvariantCulture);

    private static string? Query(HttpContext http, string name) => http.Request.Query[name].FirstOrDefault(v => !string.IsNullOrEmpty(v));

    private static bool Flag(HttpContext http, string name) => bool.TryParse(Query(http, name), out bool value) && value;
}
