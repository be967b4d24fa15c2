using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Postgres;

public sealed class TranscriptStoreTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private static readonly TranscriptCompleted Heard = new()
    {
        AnswerId = "s1/2", SessionId = "s1", Tenant = "acme", Question = new() { Id = "q-3", Index = 2, Text = "Why?", KeyPoints = { "log" }, Kind = AnswerKind.Spoken },
        Text = "it is a lock", Confidence = 0.5f, Engine = "pocketsphinx", SpeechMs = 3_000, AudioMs = 4_000, Segments = 1, CompletedAtMs = 1_772_625_600_123,
        NeedsCorrection = true, Features = new() { TalkMs = 3_000, SilenceMs = 1_000, OnsetMs = 120, Pauses = 2, LongestPauseMs = 700, Words = 4, WordsPerMinute = 80 },
    };

    [Fact]
    public async Task A_transcript_comes_back_whole_and_its_correction_takes_its_place()
    {
        var store = new PostgresInterviewStore(Database);
        var queries = new TranscriptQueries(Database);
        await store.WriteTranscriptsAsync([new() { Completed = Heard }], Cancel);
        Assert.Equal(Heard, await queries.FindAsync("s1/2", Cancel));
        Assert.Equal("Why?", Assert.Single(await queries.ListAsync(needsCorrection: true, 10, Cancel)).QuestionText);

        var corrected = TranscriptSteps.Correct(Heard, "it is a log", "ada", "misheard");
        await store.WriteTranscriptsAsync([new() { Completed = corrected }, new() { Completed = Heard }], Cancel);
        await store.WriteTranscriptsAsync([new() { Completed = Heard }], Cancel); // read again after a restart
        Assert.Equal(corrected, await queries.FindAsync("s1/2", Cancel));
        Assert.Empty(await queries.ListAsync(needsCorrection: true, 10, Cancel));
        Assert.Single(await queries.ListAsync(needsCorrection: false, 10, Cancel));
        await using var revisions = Database.CreateCommand("SELECT string_agg(revision || ' ' || text || ' ' || corrected_by, '; ' ORDER BY revision) FROM transcript_revisions");
        Assert.Equal("0 it is a lock ; 1 it is a log ada", await revisions.ExecuteScalarAsync(Cancel));
        Assert.Null(await queries.FindAsync("s1/3", Cancel));
    }

    [Fact]
    public async Task Interim_segments_are_not_stored()
    {
        await new PostgresInterviewStore(Database).WriteTranscriptsAsync(
            [new() { Segment = new() { SegmentId = "s1/0/0", Text = "so", Interim = true } }, new() { Segment = new() { SegmentId = "s1/0/1", Text = "so be it" } }], Cancel);
        await using var count = Database.CreateCommand("SELECT count(*) FROM transcript_segments");
        Assert.Equal(1L, await count.ExecuteScalarAsync(Cancel));
    }
}
