using System.Text;
using Confluent.Kafka;
using Npgsql;
using StreamPlatform.Hosting;
using StreamPlatform.Media.Vault;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Persistence;

/// <summary>The clean-up as the persistence service runs it, from the clock to the audit log that people read.</summary>
public sealed class RetentionWorkerTests(PostgresFixture postgres) : PersistenceStage(postgres)
{
    [Fact]
    public async Task Four_years_later_a_recording_is_gone_and_the_audit_log_says_so()
    {
        await using var instance = await StartAsync();
        var stores = await instance.Context.StoresAsync(Cancel);
        var failed = new TaskCompletionSource();
        await using var processors = await Processors.StartAsync(instance.Opened, Kafka, instance.Context, failed, Cancel);
        var vault = instance.Context.Media.Vault(stores.Media);
        var kept = await vault.KeepAsync(new(MediaKinds.Video, "acme", "s1", "c1", "a.mp4", "video/mp4"), new MemoryStream(new byte[1_234]), Cancel);

        Time.Jump(TimeSpan.FromDays(1_460));
        await UntilAsync(async () => (await ObjectsAsync(instance)).Contains(kept.Key), () => "kept for four years"); // whenever the run of this jump is over
        Time.Jump(TimeSpan.FromDays(2));
        string reason = "";
        await UntilAsync(
            async () =>
            {
                Time.Jump(TimeSpan.FromHours(1)); // the run of the first jump may still have been at work at the second
                return (reason = await AuditAsync(stores)).Length > 0;
            },
            () => "no event in the audit log");
        Assert.StartsWith("1 recordings of 1234 bytes were due, 0 objects had no row", reason, StringComparison.Ordinal);
        Assert.Null(await stores.Media.FindAsync(kept.Key, Cancel));
        Assert.Empty(await ObjectsAsync(instance));
        Assert.Equal(1, OnTopic());
        Assert.False(failed.Task.IsFaulted);
    }

    [Fact]
    public async Task A_sweep_that_fails_keeps_no_row()
    {
        await using var instance = await StartAsync();
        var stores = await instance.Context.StoresAsync(Cancel);
        var failed = new TaskCompletionSource();
        await using var processors = await Processors.StartAsync(instance.Opened, Kafka, instance.Context, failed, Cancel);
        await RunSqlAsync("ALTER TABLE media_objects RENAME TO away");
        await RunSqlAsync("INSERT INTO ai_spending (account, usd, updated_at) VALUES ('a', 1, now() - interval '14 months')");

        string reason = "";
        await UntilAsync(
            async () =>
            {
                Time.Jump(TimeSpan.FromHours(1)); // the worker may not have been waiting yet
                return (reason = await AuditAsync(stores)).Length > 0;
            },
            () => "no event in the audit log");
        Assert.Equal("the sweep of the recordings failed; rows: 1 of ai_spending", reason);
    }

    private static async Task<List<string>> ObjectsAsync(Instance instance)
    {
        List<string> keys = [];
        await foreach (var found in instance.Context.Media.Objects.ListAsync("media", Cancel))
        {
            keys.Add(found.Key);
        }

        return keys;
    }

    private async Task<string> AuditAsync(Stores stores)
    {
        await stores.Probe.ProbeAsync(Cancel);
        await using var connection = NpgsqlDataSource.Create(Database);
        await using var command = connection.CreateCommand("SELECT reason FROM audit_events WHERE action = 'retention.removed' AND actor = 'retention'");
        return await command.ExecuteScalarAsync(Cancel) as string ?? "";
    }

    private int OnTopic()
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = Kafka, GroupId = "test", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        var open = Enumerable.Range(0, Topics.SessionPartitions).Select(p => new TopicPartition(Topics.Audit, p)).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var found = 0;
        while (open.Count > 0)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException("the topic was not read to its end");
            if (result.IsPartitionEOF)
            {
                open.Remove(result.TopicPartition);
            }
            else if (Encoding.UTF8.GetString(result.Message.Value).Contains("retention.removed", StringComparison.Ordinal))
            {
                found++;
            }
        }

        return found;
    }
}
