using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>The plans of every statement of a data source, as PostgreSQL chose them for it: auto_explain sends each as a notice, which Npgsql logs.</summary>
internal sealed class PlanLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<JsonElement> plans = new();

    /// <summary>A data source of one connection whose statements are explained.</summary>
    public NpgsqlDataSource Explaining(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 1 };
        settings.Options += " -c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_format=json -c auto_explain.log_level=notice -c auto_explain.log_nested_statements=on -c auto_explain.log_analyze=on -c auto_explain.log_timing=off";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(this).Build();
    }

    /// <summary>What has been logged since the last call: {"Query Text": ..., "Plan": {...}} each.</summary>
    public IReadOnlyList<JsonElement> Take()
    {
        var taken = new List<JsonElement>();
        while (plans.TryDequeue(out var plan)) taken.Add(plan);
        return taken;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        var start = text.IndexOf("plan:\n{", StringComparison.Ordinal);
        if (start < 0) return;
        var end = text.LastIndexOf('}');
        plans.Enqueue(JsonDocument.Parse(text[(start + "plan:\n".Length)..(end + 1)]).RootElement.Clone());
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
