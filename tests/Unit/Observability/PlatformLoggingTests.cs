using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using StreamPlatform.Observability;

namespace StreamPlatform.Tests.Unit.Observability;

/// <summary>The platform's logs are made for machines: one line is one JSON object, whatever is logged.</summary>
public sealed class PlatformLoggingTests
{
    [Fact]
    public void A_message_with_line_breaks_and_an_exception_is_one_line_with_level_time_and_message()
    {
        using var services = Services(LogLevel.Information);
        Exception failure;
        try
        {
            throw new InvalidOperationException("broken\nin two");
        }
        catch (InvalidOperationException e)
        {
            failure = e;
        }

        var text = Format(services, new LogEntry<string>(LogLevel.Error, "streams.kernel", new EventId(7), "first\nsecond \"quoted\"", failure, (state, _) => state));

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var line = Assert.Single(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var json = JsonDocument.Parse(line);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.Equal("Error", json.RootElement.GetProperty("LogLevel").GetString());
        Assert.Equal("first\nsecond \"quoted\"", json.RootElement.GetProperty("Message").GetString());
        Assert.Equal("streams.kernel", json.RootElement.GetProperty("Category").GetString());
        Assert.Contains("in two", json.RootElement.GetProperty("Exception").GetString(), StringComparison.Ordinal);
        var time = json.RootElement.GetProperty("Timestamp").GetString()!;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", time);
        Assert.InRange((DateTimeOffset.UtcNow - DateTimeOffset.Parse(time)).TotalMinutes, -1, 10); // in UTC, not in the machine's zone
    }

    [Fact]
    public void The_console_uses_that_format_and_leaves_standard_output_to_the_commands()
    {
        using var services = Services(LogLevel.Information);
        var console = services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value;

        Assert.Equal(ConsoleFormatterNames.Json, console.FormatterName);
        Assert.Equal(LogLevel.Trace, console.LogToStandardErrorThreshold);
        Assert.IsType<ConsoleLoggerProvider>(Assert.Single(services.GetServices<ILoggerProvider>()));
    }

    [Theory]
    [InlineData(LogLevel.Information, "StreamPlatform.Broker", LogLevel.Information, true)]
    [InlineData(LogLevel.Information, "StreamPlatform.Broker", LogLevel.Debug, false)]
    [InlineData(LogLevel.Information, "Microsoft.AspNetCore.Routing", LogLevel.Information, false)]
    [InlineData(LogLevel.Information, "Npgsql.Command", LogLevel.Information, false)]
    [InlineData(LogLevel.Information, "Npgsql.Command", LogLevel.Warning, true)]
    [InlineData(LogLevel.Error, "Microsoft.AspNetCore.Routing", LogLevel.Warning, false)]
    public void The_level_holds_for_the_platform_and_other_makers_parts_are_quieter(LogLevel minimum, string category, LogLevel level, bool logged)
    {
        using var services = Services(minimum);

        Assert.Equal(logged, services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level));
    }

    private static ServiceProvider Services(LogLevel minimum) =>
        new ServiceCollection().AddLogging(logging => logging.AddPlatformLogging(minimum)).BuildServiceProvider();

    private static string Format(ServiceProvider services, LogEntry<string> entry)
    {
        var console = services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value;
        var formatter = services.GetServices<ConsoleFormatter>().Single(f => f.Name == console.FormatterName);
        using var text = new StringWriter { NewLine = "\n" };
        formatter.Write(entry, null, text);
        return text.ToString();
    }
}
