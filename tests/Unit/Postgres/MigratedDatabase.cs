using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Tests that each take a database of their own with every migration applied.</summary>
[Collection(PostgresCollection.Name)]
public abstract class MigratedDatabase(PostgresFixture postgres) : IAsyncLifetime
{
    protected PostgresFixture Postgres => postgres;

    protected NpgsqlDataSource Database { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await PostgresMigrations.ApplyAsync(Database, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }
}
