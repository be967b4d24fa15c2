using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Deploy;

/// <summary>There is no Docker engine where the tests run: the file is held against the specification and against what the tests use instead.</summary>
public sealed class ComposeFileTests
{
    private static readonly ComposeFile Compose = ComposeFile.Load();

    [Fact]
    public async Task The_file_is_valid_by_the_compose_specifications_schema()
    {
        (int exit, string output) = await ValidateAsync(Compose.Json);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public async Task The_check_notices_a_misspelt_key_and_a_wrong_type()
    {
        JsonObject wrong = Compose.Json.DeepClone().AsObject();
        wrong["services"]!["kafka"]!["enviroment"] = new JsonObject();
        wrong["services"]!["postgres"]!["healthcheck"]!["interval"] = "5 seconds";
        (int exit, string output) = await ValidateAsync(wrong);
        Assert.Equal(1, exit);
        Assert.Contains("enviroment", output);
        Assert.Contains("/services/postgres/healthcheck/interval", output);
    }

    [Fact]
    public void Services_wait_for_the_health_of_services_that_have_a_health_check()
    {
        foreach ((string name, JsonNode? service) in Compose.Json["services"]!.AsObject())
        {
            Assert.True(service!["healthcheck"] is not null, $"{name} has no health check");
            foreach ((string needed, JsonNode? how) in service["depends_on"]?.AsObject() ?? [])
            {
                Assert.Equal("service_healthy", how!["condition"]!.ToString());
                Assert.NotNull(Compose.Json["services"]![needed]);
            }
        }
    }

    [Fact]
    public void Addresses_of_the_platforms_settings_are_services_and_ports_of_the_file()
    {
        IReadOnlyDictionary<string, string> settings = Compose.Environment("streamplatform");
        string internalListener = Compose.Environment("kafka")["KAFKA_ADVERTISED_LISTENERS"].Split(',').Single(each => each.StartsWith("INTERNAL://", StringComparison.Ordinal));
        Assert.Equal(internalListener["INTERNAL://".Length..], settings["STREAMPLATFORM_KAFKA"]);
        Assert.Contains("PLAINTEXT://" + settings["STREAMPLATFORM_KAFKA"], Compose.Environment("registry")["SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"]);
        Assert.Equal("http://registry:" + PortOf(Compose.Environment("registry")["SCHEMA_REGISTRY_LISTENERS"]), settings["STREAMPLATFORM_REGISTRY"]);
        Assert.NotNull(Compose.Json["services"]![settings["STREAMPLATFORM_CASSANDRA"].Split(':')[0]]);
        Npgsql.NpgsqlConnectionStringBuilder postgres = new(settings["STREAMPLATFORM_POSTGRES"]);
        IReadOnlyDictionary<string, string> server = Compose.Environment("postgres");
        Assert.Equal(("postgres", server["POSTGRES_USER"], server["POSTGRES_DB"], server["POSTGRES_PASSWORD"]),
            (postgres.Host, postgres.Username, postgres.Database, postgres.Password));
        Assert.Contains(Compose.Json["services"]!["streamplatform"]!["ports"]!.AsArray(),
            port => port!.ToString().EndsWith(":" + PortOf(settings["STREAMPLATFORM_LISTEN"]), StringComparison.Ordinal));
        Assert.Contains(Compose.Json["services"]!["streamplatform"]!["volumes"]!.AsArray(),
            volume => volume!.ToString().EndsWith(":" + settings["STREAMPLATFORM_DATA"], StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_of_the_platform_is_an_option_of_its_command_line()
    {
        string[] sources = [.. Repository.TrackedFiles.Where(file => file.StartsWith("services/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => File.ReadAllText(Repository.File(file)))];
        Assert.SkipUnless(sources.Any(source => source.Contains("\"--kafka\"", StringComparison.Ordinal)), "the command line has no options yet");
        Assert.All(Compose.Environment("streamplatform").Keys, name =>
        {
            string option = "\"--" + name["STREAMPLATFORM_".Length..].ToLowerInvariant().Replace('_', '-') + "\"";
            Assert.Contains(sources, source => source.Contains(option, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Kafka_is_of_the_version_and_has_the_settings_that_the_tests_use()
    {
        string script = Path.Combine(Environment.GetEnvironmentVariable("STREAMPLATFORM_ENGINES") ?? Repository.File("../shared/engines"), "kafka", "kafka");
        Assert.SkipUnless(File.Exists(script), "the real engines are not here (STREAMPLATFORM_ENGINES)");
        string text = File.ReadAllText(script);
        Assert.Contains($"kafka {Compose.Image("kafka").Split(':')[1]} ", text);
        IReadOnlyDictionary<string, string> environment = Compose.Environment("kafka");
        string[] places = ["listeners", "advertised.listeners", "listener.security.protocol.map", "controller.quorum.voters", "controller.listener.names", "log.dirs"];
        Match[] properties = [.. Regex.Matches(text, @"^([a-z]+(?:\.[a-z]+)+)=(.*)$", RegexOptions.Multiline).Cast<Match>()];
        Assert.NotEmpty(properties);
        foreach (Match property in properties.Where(each => !places.Contains(each.Groups[1].Value)))
        {
            string variable = "KAFKA_" + property.Groups[1].Value.ToUpperInvariant().Replace('.', '_');
            Assert.True(environment.TryGetValue(variable, out string? value), $"{variable} is not set; the tests use {property.Value}");
            Assert.Equal($"{variable}={property.Groups[2].Value}", $"{variable}={value}");
        }
    }

    [Fact]
    public void One_node_keeps_one_copy_of_everything()
    {
        IReadOnlyDictionary<string, string> kafka = Compose.Environment("kafka");
        Assert.All(kafka.Where(each => each.Key.EndsWith("REPLICATION_FACTOR", StringComparison.Ordinal) || each.Key.EndsWith("MIN_ISR", StringComparison.Ordinal)
            || each.Key.EndsWith("MIN_INSYNC_REPLICAS", StringComparison.Ordinal)), each => Assert.Equal("1", each.Value));
        Assert.Contains("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", kafka.Keys);
        Assert.Equal("1", Compose.Environment("registry")["SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR"]);
    }

    [Fact]
    public void Postgres_is_of_the_major_version_that_the_tests_use()
    {
        string? installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(Path.GetFileName).MaxBy(name => int.TryParse(name, out int major) ? major : 0) : null;
        Assert.SkipUnless(installed is not null, "PostgreSQL is not installed from Debian here");
        Assert.Equal("postgres:" + installed, Compose.Image("postgres"));
    }

    [Fact]
    public void The_image_is_built_from_the_repositorys_own_feed_and_brings_what_the_platform_loads()
    {
        string dockerfile = File.ReadAllText(Repository.File("Dockerfile"));
        string runtime = dockerfile[dockerfile.LastIndexOf("FROM ", StringComparison.Ordinal)..];
        string needs = File.ReadAllText(Repository.File("infra/setup/needs.sh"));
        foreach (string need in (string[])["rdkafkalibs", "speechmodel"])
        {
            string packages = Regex.Match(needs, $@"^(?:NEEDS_RUN=')?{need}\|([^|]+)\|", RegexOptions.Multiline).Groups[1].Value;
            Assert.NotEqual("", packages);
            Assert.All(packages.Split(' '), package => Assert.Contains(" " + package + " ", runtime));
        }
        Assert.All((string[])["libturbojpeg", "libpocketsphinx3"], package => Assert.Contains(package, runtime));
        Assert.Contains("infra/feed/build.sh", dockerfile);
        Assert.DoesNotContain("USER root", dockerfile);
        Assert.Contains("USER streamplatform", runtime);
    }

    private static string PortOf(string address) => address[(address.LastIndexOf(':') + 1)..];

    private static async Task<(int Exit, string Output)> ValidateAsync(JsonObject compose)
    {
        Assert.SkipUnless(Directory.Exists(Repository.File("tests/js/node_modules/ajv")), "npm ci in tests/js has not been run");
        string document = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(document, compose.ToJsonString(), TestContext.Current.CancellationToken);
            ProcessStartInfo start = new("node", [Repository.File("tests/js/deploy/compose-check.mjs"), Repository.File("tests/Unit/Deploy/compose-spec.json"), document])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using Process node = Process.Start(start)!;
            Task<string> errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await node.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (node.ExitCode, output + await errors);
        }
        finally
        {
            File.Delete(document);
        }
    }
}
