using Npgsql;
using StreamPlatform.Providers;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Spending in table ai_spending: one round trip per amount, atomic over all accounts and processes.</summary>
public sealed class PostgresSpendLedger(NpgsqlDataSource database) : ISpendLedger
{
    public async ValueTask<SpendLimit?> TryTakeAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken)
    {
        var passed = await AddAsync(accounts, accounts.Select(a => a.LimitUsd).ToArray(), usd, cancellationToken).ConfigureAwait(false);
        return passed == 0 ? null : accounts[passed - 1];
    }

    public async ValueTask CorrectAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken) =>
        await AddAsync(accounts, null, usd, cancellationToken).ConfigureAwait(false);

    public async ValueTask<decimal> SpentAsync(string account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT usd FROM ai_spending WHERE account = $1");
        command.Parameters.Add(new() { Value = account });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as decimal? ?? 0;
    }

    private async Task<int> AddAsync(IReadOnlyList<SpendLimit> accounts, decimal[]? limits, decimal usd, CancellationToken ct)
    {
        await using var command = database.CreateCommand("SELECT take_ai_spending($1, $2, $3)");
        command.Parameters.Add(new() { Value = accounts.Select(a => a.Account).ToArray() });
        command.Parameters.Add(new() { Value = (object?)limits ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Numeric });
        command.Parameters.Add(new() { Value = usd });
        return (int)(await command.ExecuteScalarAsync(ct).ConfigureAwait(false))!;
    }
}
