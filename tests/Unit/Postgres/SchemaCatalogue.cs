using Npgsql;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>A database's schema as lines that can be compared: columns, constraints, indexes, views, functions; month partitions left out, for they follow the rows.</summary>
internal static class SchemaCatalogue
{
    private const string Sql = """
        WITH ours AS (
            SELECT c.oid, c.relname, c.relkind FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND c.relname !~ '_\d{4}_\d{2}$')
        SELECT line FROM (
            SELECT 'column ' || o.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
            FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
            UNION ALL SELECT 'constraint ' || o.relname || ' ' || pg_get_constraintdef(k.oid) || k.convalidated FROM ours o JOIN pg_constraint k ON k.conrelid = o.oid WHERE k.contype <> 'n'
            UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END FROM ours o JOIN pg_index i ON i.indrelid = o.oid
            UNION ALL SELECT 'view ' || o.relname || ' ' || pg_get_viewdef(o.oid) FROM ours o WHERE o.relkind = 'v'
            UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal
            UNION ALL SELECT 'migration ' || name || checksum FROM schema_migrations
        ) AS everything ORDER BY line
        """;

    public static async Task<List<string>> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await using var command = database.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
