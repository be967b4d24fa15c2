using Npgsql;
using StreamPlatform.Postgres.Stores;
using static StreamPlatform.Postgres.Stores.Columns;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Both ways of writing a table give the same rows, and COPY takes new rows only.</summary>
public sealed class TableWriterTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private sealed record Item(string Id, int Part, string Text, string Json, long Number, float? Share, bool Flag, long AtMs, long EndMs = 0);

    private static readonly Item[] Odd =
    [
        new("a", 1, "plain", """{"a": 1}""", long.MaxValue, 0.1f, true, 1_772_625_600_123),
        new("b", 2, "", "[]", long.MinValue, null, false, 0, 1),
        new("ü\u4e2d😀", -1, "nul \0 and \\N and \t tab\nline", """{"text": "nul \u0000 é"}""", 0, float.NaN, true, -5),
        new("c", int.MinValue, new string('x', 100_000), $"\"{new string('é', 100_000)}\"", -1, float.NegativeInfinity, true, long.MaxValue),
        new("c", int.MaxValue, "half a pair \ud83d", "null", 1, float.Epsilon, false, 946_684_799_999, 5),
    ];

    [Fact]
    public async Task Copy_and_upsert_store_the_same()
    {
        var (copied, upserted) = (await TableAsync("copied"), await TableAsync("upserted"));
        await using var connection = await Database.OpenConnectionAsync(Cancel);
        Assert.True(await copied.CopyAsync(connection, Odd, Cancel));
        await upserted.UpsertAsync(connection, Odd, Cancel);

        Assert.Equal(5, await NumberAsync("SELECT count(*) FROM copied"));
        Assert.Equal(0, await NumberAsync("SELECT count(*) FROM (TABLE copied EXCEPT TABLE upserted) d"));
        Assert.Equal(0, await NumberAsync("SELECT count(*) FROM (TABLE upserted EXCEPT TABLE copied) d"));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM copied WHERE share IS NULL AND at = '1970-01-01 00:00:00+00' AND ended_at = '1970-01-01 00:00:00.001+00'"));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM copied WHERE text = U&'nul \\FFFD and \\\\N and \\0009 tab\\000Aline'"));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM copied WHERE at = '9999-12-31 23:59:59.999+00'"));
    }

    [Fact]
    public async Task Copy_adds_nothing_where_one_row_is_there_already_and_the_connection_can_go_on()
    {
        var table = await TableAsync("items");
        await using var connection = await Database.OpenConnectionAsync(Cancel);
        Assert.True(await table.CopyAsync(connection, [Row(500)], Cancel));
        Assert.False(await table.CopyAsync(connection, [.. Enumerable.Range(0, 20_000).Select(Row)], Cancel));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM items"));
        Assert.True(await table.CopyAsync(connection, [.. Enumerable.Range(1_000, 20_000).Select(Row)], Cancel));
        Assert.Equal(20_001, await NumberAsync("SELECT count(*) FROM items"));
    }

    [Fact]
    public async Task Of_a_key_that_a_batch_repeats_the_last_row_is_stored()
    {
        var table = await TableAsync("repeated");
        await using var connection = await Database.OpenConnectionAsync(Cancel);
        Item[] batch = [Odd[0] with { Text = "first" }, Odd[1], Odd[0] with { Text = "second" }, Odd[0] with { Text = "last" }];
        Assert.True(await table.CopyAsync(connection, batch, Cancel));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM repeated WHERE id = 'a' AND text = 'last'"));
        Assert.Equal(2, await NumberAsync("SELECT count(*) FROM repeated"));
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_leaves_nothing_of_its_batch_behind()
    {
        await TableAsync("broken");
        var table = new TableWriter<Item>("broken", null, Key<Item>("id", r => r.Id), Int<Item>("part", r => r.Part == 9_000 ? throw new InvalidOperationException("no") : r.Part));
        await using (var connection = await Database.OpenConnectionAsync(Cancel))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => table.CopyAsync(connection, [.. Enumerable.Range(0, 10_000).Select(Row)], Cancel));
        }

        Assert.Equal(0, await NumberAsync("SELECT count(*) FROM broken"));
    }

    [Fact]
    public async Task What_is_there_already_is_replaced_and_new_rows_are_added_whatever_their_order()
    {
        await TableAsync("mixed");
        var writer = new AppendingWriter<Item>(Database, "items", Writer("mixed"));
        for (var from = 0; from < 5_000; from += 300)
        {
            await writer.WriteAsync([.. Enumerable.Range(from, 500).Select(Row)], Cancel); // each begins with 200 that are there
        }

        await writer.WriteAsync([.. Enumerable.Range(0, 100).Select(n => Row(n) with { Text = "again" })], Cancel);
        Assert.Equal(100, await NumberAsync("SELECT count(*) FROM mixed WHERE text = 'again'"));
        Assert.Equal(5_300, await NumberAsync("SELECT count(*) FROM mixed"));
    }

    private static Item Row(int n) => new($"id-{n:00000}", n, $"text {n}", "{}", n, n, n % 2 == 0, n);

    private async Task<TableWriter<Item>> TableAsync(string name)
    {
        await using var create = Database.CreateCommand(
            $"CREATE TABLE {name} (id text, part integer, text text, json jsonb, number bigint, share real, flag boolean, at timestamptz, ended_at timestamptz, PRIMARY KEY (id, part))");
        await create.ExecuteNonQueryAsync(Cancel);
        return Writer(name);
    }

    private static TableWriter<Item> Writer(string name) => new(name, null,
        Key<Item>("id", r => r.Id), IntKey<Item>("part", r => r.Part), Text<Item>("text", r => r.Text), JsonText<Item>("json", r => r.Json), Long<Item>("number", r => r.Number),
        Real<Item>("share", r => r.Share), Bool<Item>("flag", r => r.Flag), At<Item>("at", r => r.AtMs), AtOrNothing<Item>("ended_at", r => r.EndMs));

    private async Task<long> NumberAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
