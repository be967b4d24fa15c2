using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Archive;

/// <summary>Rows as a stream: PostgreSQL's binary COPY format through gzip, hashed on the way, never whole in memory.</summary>
internal static class PartitionCopy
{
    private const int BufferBytes = 128 * 1024;

    // between the database and the object store
    private const int PipeBytes = 1024 * 1024;

    /// <summary>Copies the table into a new object. Returns it, and SHA-256 of what was copied.</summary>
    public static async Task<(StoredObject Stored, string Sha256)> OutAsync(NpgsqlConnection connection, string table, string columns, IObjectStore objects, string prefix, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: PipeBytes, resumeWriterThreshold: PipeBytes / 2, useSynchronizationContext: false));
        var copying = CopyAsync(connection, $"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT binary)", pipe.Writer, cancellationToken);
        StoredObject stored;
        try
        {
            await using var content = pipe.Reader.AsStream();
            stored = await objects.PutAsync(prefix, content, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // the copy ends when nobody reads it; its own failure is the one to tell
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await copying.ConfigureAwait(false);
            throw;
        }

        return (stored, await copying.ConfigureAwait(false));
    }

    /// <summary>Reads the object and gives SHA-256 of its rows; writes them into the table when one is given.</summary>
    /// <exception cref="PostgresArchiveException">It is not there, or does not hold what was stored; then nothing was written.</exception>
    public static async Task<string> ReadAsync(IObjectStore objects, ArchivedPartition partition, NpgsqlConnection? connection, CancellationToken cancellationToken)
    {
        await using var content = await objects.OpenAsync(partition.Key, cancellationToken).ConfigureAwait(false)
            ?? throw new PostgresArchiveException($"object {partition.Key} of {partition.Name} is not in the object store ({objects.Name}): bring it back, or give the store that holds it");
        await using var rows = new GZipStream(content, CompressionMode.Decompress);
        var into = connection is null ? null
            : await connection.BeginRawBinaryCopyAsync($"COPY {partition.Staging} ({partition.ColumnList}) FROM STDIN (FORMAT binary)", cancellationToken).ConfigureAwait(false);
        try
        {
            var sha = await PumpAsync(rows, into, cancellationToken).ConfigureAwait(false);
            if (sha != partition.Sha256)
            {
                throw new PostgresArchiveException($"object {partition.Key} does not hold what was stored of {partition.Name}: its rows have SHA-256 {sha}, recorded is {partition.Sha256}");
            }

            if (into is not null)
            {
                await into.DisposeAsync().ConfigureAwait(false); // only this completes the copy
            }

            return sha;
        }
        catch (Exception error)
        {
            if (into is not null)
            {
                await into.CancelAsync().ConfigureAwait(false);
            }

            throw error is InvalidDataException ? new PostgresArchiveException($"object {partition.Key} of {partition.Name} is damaged: {error.Message}") : error;
        }
    }

    private static async Task<string> CopyAsync(NpgsqlConnection connection, string sql, PipeWriter into, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await using var rows = await connection.BeginRawBinaryCopyAsync(sql, cancellationToken).ConfigureAwait(false);
            await using var gzip = new GZipStream(into.AsStream(leaveOpen: true), CompressionLevel.Fastest);
            return await PumpAsync(rows, gzip, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error; // the reader gets it, so that no half of the rows becomes an object
            throw;
        }
        finally
        {
            await into.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    private static async Task<string> PumpAsync(Stream from, Stream? into, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                if (into is not null)
                {
                    await into.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
