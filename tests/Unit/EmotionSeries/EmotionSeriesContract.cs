using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using Xunit;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

/// <summary>What every emotion series store promises; each store derives one class of tests from it.</summary>
public abstract class EmotionSeriesContract
{
    private const int FramesOfThreeHours = 3 * 3600 * 2;
    private const long Beginning = EmotionPages.Beginning;
    private const long Latest = EmotionPages.MaxUnixMs;
    private const int MaxPage = EmotionPages.MaxPage;
    private static readonly DateOnly Day = new(2026, 3, 4);

    // No test may see another's rows, whatever the store keeps between them.
    private readonly string _session = $"session-{Guid.NewGuid():n}";
    private readonly string _tenant = $"tenant-{Guid.NewGuid():n}";

    protected abstract IEmotionSeriesStore Store { get; }

    protected abstract IEmotionSeriesReader Reader { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long Noon => At(Day, 12);

    [Fact]
    public async Task An_observation_comes_back_whole()
    {
        var full = Observation(7);
        full.QuestionIndex = 2;
        full.ExtraFaces = 1;
        full.Quality.AddRange([FrameQuality.SeveralFaces, FrameQuality.Dark]);
        full.Track = 3;
        (full.EmotionUnreliable, full.ClosureBegan, full.EyesClosed) = (true, true, true);
        (full.YawDegrees, full.Luminance, full.Sharpness, full.EyeOpenness) = (-12.5f, 0.25f, 0.125f, 0.3f);
        (full.SamplingLevel, full.NoEmotion, full.NoBlink) = (5, true, true);
        var nobody = new EmotionObserved { SessionId = _session, Tenant = _tenant, Sequence = 8, CapturedAtMs = Noon + 500, AnalysedAtMs = Noon + 600, ModelVersion = "m" };

        await Store.WriteEmotionsAsync([full, nobody], Cancel);

        Assert.Equal([full, nobody], await AllEmotionsAsync());
        Assert.Equal(2, await Reader.CountEmotionsAsync(_session, Cancel));
    }

    [Fact]
    public async Task A_window_comes_back_whole_by_session_and_by_tenant_and_day()
    {
        var faces = Window(Noon);
        var nobody = new EmotionWindow { SessionId = _session, Tenant = _tenant, StartMs = Noon + 10_000, EndMs = Noon + 20_000, FramesAnalysed = 3, FramesCaptured = 5, FramesSkipped = 2 };
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 60_000;

        await Store.WriteWindowsAsync([faces, nobody], Cancel);

        var stored = await Reader.ReadWindowsAsync(_session, Beginning, 10, Cancel);
        Assert.Equal([faces, nobody], stored.Select(w => w.Window));
        Assert.All(stored, w => Assert.InRange(w.StoredAtMs, before, before + 600_000));
        Assert.Equal([faces, nobody], (await AllOfDayAsync(Day)).Select(w => w.Window));
    }

    [Fact]
    public async Task Writing_again_changes_nothing()
    {
        var batch = Enumerable.Range(0, 50).Select(n => Observation(n)).ToArray();
        var windows = Enumerable.Range(0, 5).Select(n => Window(Noon + (n * 10_000))).ToArray();
        for (var time = 0; time < 3; time++)
        {
            await Store.WriteEmotionsAsync(batch, Cancel);
            await Store.WriteWindowsAsync(windows, Cancel);
        }

        Assert.Equal(batch, await AllEmotionsAsync());
        Assert.Equal(windows, (await Reader.ReadAllWindowsAsync(_session, Cancel)).Select(w => w.Window));
        Assert.Equal(windows, (await AllOfDayAsync(Day)).Select(w => w.Window));
    }

    [Fact]
    public async Task The_last_of_equal_keys_wins_within_a_batch_and_across_batches()
    {
        await Store.WriteEmotionsAsync([Observation(1, "a"), Observation(2, "a"), Observation(1, "b"), Observation(1, "c")], Cancel);
        Assert.Equal(["c", "a"], (await AllEmotionsAsync()).Select(e => e.ModelVersion));
        await Store.WriteEmotionsAsync([Observation(2, "d"), Observation(3, "d")], Cancel);
        Assert.Equal(["c", "d", "d"], (await AllEmotionsAsync()).Select(e => e.ModelVersion));

        await Store.WriteWindowsAsync([Window(Noon, blinks: 1), Window(Noon, blinks: 2)], Cancel);
        await Store.WriteWindowsAsync([Window(Noon, blinks: 3)], Cancel);
        Assert.Equal(3, Assert.Single(await Reader.ReadWindowsAsync(_session, Beginning, 10, Cancel)).Window.Blinks);
        Assert.Equal(3, Assert.Single(await AllOfDayAsync(Day)).Window.Blinks);
    }

    [Fact]
    public async Task A_face_that_is_gone_in_the_row_written_again_is_gone_in_the_store()
    {
        await Store.WriteEmotionsAsync([Observation(1)], Cancel);
        var nobody = new EmotionObserved { SessionId = _session, Tenant = _tenant, Sequence = 1, CapturedAtMs = Observation(1).CapturedAtMs };

        await Store.WriteEmotionsAsync([nobody], Cancel);

        Assert.Equal(nobody, Assert.Single(await AllEmotionsAsync()));
    }

    [Fact]
    public async Task Rows_come_in_the_order_of_their_sequence_whatever_the_order_of_writing()
    {
        var sequences = new long[] { 20_000, 0, 9, 10, 8191, 8192, 100, 16_383, 16_384, 1_000_000_000_000 };
        await Store.WriteEmotionsAsync([.. sequences.Select(n => Observation(n))], Cancel);

        Assert.Equal(sequences.Order(), (await AllEmotionsAsync(page: 3)).Select(e => e.Sequence));
        Assert.Equal([8191L, 8192L], (await Reader.ReadEmotionsAsync(_session, 100, 2, Cancel)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task Pages_of_every_size_hold_every_row_once()
    {
        var windows = Enumerable.Range(0, 23).Select(n => Window(Noon + (n * 10_000))).ToArray();
        await Store.WriteEmotionsAsync([.. Enumerable.Range(0, 23).Select(n => Observation(8180 + n))], Cancel);
        await Store.WriteWindowsAsync(windows, Cancel);

        foreach (var size in new[] { 1, 7, 22, 23, 24, int.MaxValue })
        {
            Assert.Equal(Enumerable.Range(8180, 23).Select(n => (long)n), (await AllEmotionsAsync(size)).Select(e => e.Sequence));
            Assert.Equal(windows, (await AllWindowsAsync(size)).Select(w => w.Window));
            Assert.Equal(windows, (await AllOfDayAsync(Day, size)).Select(w => w.Window));
        }

        Assert.Single(await Reader.ReadEmotionsAsync(_session, Beginning, 0, Cancel));
        Assert.Empty(await Reader.ReadEmotionsAsync(_session, 8202, 10, Cancel));
        Assert.Empty(await Reader.ReadWindowsAsync(_session, windows[^1].StartMs, 10, Cancel));
    }

    [Fact]
    public async Task A_page_is_never_larger_than_the_bound()
    {
        await Store.WriteEmotionsAsync([.. Enumerable.Range(0, MaxPage + 5).Select(n => Observation(n))], Cancel);

        Assert.Equal(MaxPage, (await Reader.ReadEmotionsAsync(_session, Beginning, int.MaxValue, Cancel)).Count);
    }

    [Fact]
    public async Task A_day_holds_the_windows_of_all_sessions_of_one_tenant_by_start_and_session()
    {
        var sessions = Enumerable.Range(0, 6).Select(n => $"{_session}-{n}").ToArray();
        var hours = new[] { 0, 5, 6, 23 };
        List<EmotionWindow> expected = [.. hours.SelectMany(hour => Enumerable.Range(0, 3).SelectMany(n => sessions.Select(id => Window(At(Day, hour) + (n * 10_000), session: id))))];
        EmotionWindow[] others =
        [
            Window(At(Day, 0) - 10_000), Window(At(Day.AddDays(1), 0)), // the days beside it
            Window(Noon, tenant: _tenant + "x"),
        ];
        await Store.WriteWindowsAsync([.. expected.AsEnumerable().Reverse(), .. others], Cancel);

        foreach (var size in new[] { 5, 1000 })
        {
            Assert.Equal(expected.OrderBy(w => w.StartMs).ThenBy(w => w.SessionId, StringComparer.Ordinal), (await AllOfDayAsync(Day, size)).Select(w => w.Window));
        }

        Assert.Equal(others[..1], (await AllOfDayAsync(Day.AddDays(-1))).Select(w => w.Window));
        Assert.Equal(others[1..2], (await AllOfDayAsync(Day.AddDays(1))).Select(w => w.Window));
        Assert.Empty(await AllOfDayAsync(Day.AddDays(2)));
    }

    [Fact]
    public async Task An_unknown_session_and_an_unknown_tenant_have_nothing()
    {
        Assert.Empty(await AllEmotionsAsync());
        Assert.Empty(await Reader.ReadWindowsAsync(_session, Beginning, 10, Cancel));
        Assert.Equal(0, await Reader.CountEmotionsAsync(_session, Cancel));
        Assert.Empty(await AllOfDayAsync(Day));
        await Store.DeleteSessionAsync(_session, Cancel);
        await Store.WriteEmotionsAsync([], Cancel);
        await Store.WriteWindowsAsync([], Cancel);
    }

    [Fact]
    public async Task Deleting_a_session_deletes_all_of_it_and_nothing_else()
    {
        var other = _session + "-other";
        await Store.WriteEmotionsAsync([Observation(1), Observation(8192), Observation(100_000), Observation(1, session: other)], Cancel);
        await Store.WriteWindowsAsync([Window(Noon), Window(Noon + 10_000), Window(At(Day, 23)), Window(Noon, session: other)], Cancel);

        await Store.DeleteSessionAsync(_session, Cancel);
        await Store.DeleteSessionAsync(_session, Cancel);

        Assert.Empty(await AllEmotionsAsync());
        Assert.Equal(0, await Reader.CountEmotionsAsync(_session, Cancel));
        Assert.Empty(await Reader.ReadWindowsAsync(_session, Beginning, 10, Cancel));
        Assert.Equal(1, await Reader.CountEmotionsAsync(other, Cancel));
        Assert.Single(await Reader.ReadWindowsAsync(other, Beginning, 10, Cancel));
        Assert.Equal(other, Assert.Single(await AllOfDayAsync(Day)).Window.SessionId);
    }

    [Fact]
    public async Task A_session_written_again_after_its_deletion_is_stored_again()
    {
        await Store.WriteEmotionsAsync([Observation(1, "a"), Observation(2, "a")], Cancel);
        await Store.WriteWindowsAsync([Window(Noon, blinks: 1)], Cancel);
        await Store.DeleteSessionAsync(_session, Cancel);

        await Store.WriteEmotionsAsync([Observation(1, "b")], Cancel);
        await Store.WriteWindowsAsync([Window(Noon, blinks: 2)], Cancel);

        Assert.Equal("b", Assert.Single(await AllEmotionsAsync()).ModelVersion);
        Assert.Equal(2, Assert.Single(await AllOfDayAsync(Day)).Window.Blinks);
    }

    [Theory]
    [InlineData("Ünïcödé-面接-🙂")]
    [InlineData("a'b\"c\\d%e_f;--")]
    [InlineData(" space and\ttab ")]
    public async Task Text_of_every_kind_is_a_name_like_any_other(string text)
    {
        var session = _session + text;
        var tenant = _tenant + text;
        var observation = Observation(1, text, session, tenant);
        var window = Window(Noon, session: session, tenant: tenant);
        await Store.WriteEmotionsAsync([observation], Cancel);
        await Store.WriteWindowsAsync([window], Cancel);

        Assert.Equal(observation, Assert.Single(await Reader.ReadEmotionsAsync(session, Beginning, 10, Cancel)));
        Assert.Equal(window, Assert.Single(await Reader.ReadDayAsync(tenant, Day, null, 10, Cancel)).Window);
        await Store.DeleteSessionAsync(session, Cancel);
        Assert.Empty(await Reader.ReadDayAsync(tenant, Day, null, 10, Cancel));
    }

    [Fact]
    public async Task Times_and_numbers_out_of_range_are_stored_nearest()
    {
        var early = Observation(0);
        (early.CapturedAtMs, early.AnalysedAtMs) = (long.MinValue, -1);
        var late = Observation(long.MaxValue);
        (late.CapturedAtMs, late.AnalysedAtMs, late.FaceCount) = (long.MaxValue, Latest + 1, int.MaxValue);
        late.Probabilities.Happy = float.NaN;
        await Store.WriteEmotionsAsync([early, late], Cancel);
        await Store.WriteWindowsAsync([Window(long.MinValue), Window(long.MaxValue)], Cancel);

        var rows = await AllEmotionsAsync();
        Assert.Equal([0L, long.MaxValue], rows.Select(e => e.Sequence));
        Assert.Equal([0L, 0L], rows.Take(1).SelectMany(e => new[] { e.CapturedAtMs, e.AnalysedAtMs }));
        Assert.Equal((Latest, Latest, int.MaxValue), (rows[1].CapturedAtMs, rows[1].AnalysedAtMs, rows[1].FaceCount));
        Assert.True(float.IsNaN(rows[1].Probabilities.Happy));
        Assert.Equal([0L, Latest], (await AllWindowsAsync(10)).Select(w => w.Window.StartMs));
        Assert.Single(await AllOfDayAsync(DateOnly.FromDateTime(DateTime.UnixEpoch)));
        Assert.Single(await AllOfDayAsync(DateOnly.MaxValue));
        Assert.Empty(await AllOfDayAsync(DateOnly.MinValue));
    }

    [Fact]
    public async Task An_interview_of_three_hours_is_stored_and_read_whole()
    {
        var frames = Enumerable.Range(0, FramesOfThreeHours).Select(n => Observation(n)).ToArray();
        foreach (var batch in frames.Chunk(500))
        {
            await Store.WriteEmotionsAsync(batch, Cancel);
        }

        await Store.WriteWindowsAsync([.. Enumerable.Range(0, 1080).Select(n => Window(Noon + (n * 10_000)))], Cancel);

        Assert.Equal(FramesOfThreeHours, await Reader.CountEmotionsAsync(_session, Cancel));
        Assert.Equal(frames, await AllEmotionsAsync());
        Assert.Equal(1080, (await Reader.ReadAllWindowsAsync(_session, Cancel)).Count);
        Assert.Equal(1080, (await AllOfDayAsync(Day)).Count);
        await Store.DeleteSessionAsync(_session, Cancel);
        Assert.Equal(0, await Reader.CountEmotionsAsync(_session, Cancel));
        Assert.Empty(await AllOfDayAsync(Day));
    }

    [Fact]
    public async Task Writers_of_the_same_and_of_different_sessions_do_not_get_in_each_others_way()
    {
        var ids = Enumerable.Range(0, 4).Select(n => $"{_session}-{n}").ToArray();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async writer =>
        {
            var id = ids[writer % ids.Length];
            for (var batch = 0; batch < 4; batch++)
            {
                // neighbours overlap: each row is written by three writers, in different batches
                await Store.WriteEmotionsAsync([.. Enumerable.Range(batch * 60 + (writer % 3), 100).Select(n => Observation(n, session: id))], Cancel);
                await Store.WriteWindowsAsync([Window(Noon + (batch * 10_000), session: id)], Cancel);
            }
        }));

        foreach (var id in ids)
        {
            Assert.Equal(282, await Reader.CountEmotionsAsync(id, Cancel));
            Assert.Equal(4, (await Reader.ReadWindowsAsync(id, Beginning, 100, Cancel)).Count);
        }

        Assert.Equal(16, (await AllOfDayAsync(Day)).Count);
    }

    /// <summary>An analysed frame with a face, 500 ms after the one before.</summary>
    protected EmotionObserved Observation(long sequence, string model = "faces-1", string? session = null, string? tenant = null) => new()
    {
        SessionId = session ?? _session, Tenant = tenant ?? _tenant, Sequence = sequence, CapturedAtMs = Noon + (sequence % 1_000_000 * 500), QuestionIndex = (int)(sequence % 5), FaceCount = 1,
        Face = new() { Left = 0.25f, Top = 0.125f, Width = 0.5f, Height = 0.5f, Confidence = 0.9f },
        Probabilities = new() { Angry = 0.01f, Disgust = 0.02f, Fear = 0.03f, Happy = 0.7f, Sad = 0.04f, Surprise = 0.05f, Neutral = 0.15f },
        Dominant = "happy", EyeOpenness = 0.3f, ModelVersion = model, AnalysedAtMs = Noon + (sequence % 1_000_000 * 500) + 40, Track = 1, Luminance = 0.5f, Sharpness = 0.1f,
    };

    /// <summary>A window of 10 s.</summary>
    protected EmotionWindow Window(long startMs, string? session = null, string? tenant = null, int blinks = 2) => new()
    {
        SessionId = session ?? _session, Tenant = tenant ?? _tenant, StartMs = startMs, EndMs = unchecked(startMs + 10_000), FramesAnalysed = 18, FramesWithFace = 9, FaceRatio = 0.5f,
        Mean = new() { Happy = 0.75f, Neutral = 0.25f }, Dominant = "happy", Blinks = blinks, FirstSequence = 1, LastSequence = 20, FramesCaptured = 20, FramesSkipped = 2,
    };

    private static long At(DateOnly day, int hour) => new DateTimeOffset(day.ToDateTime(new TimeOnly(hour, 0)), TimeSpan.Zero).ToUnixTimeMilliseconds();

    private async Task<List<EmotionObserved>> AllEmotionsAsync(int page = 1000)
    {
        List<EmotionObserved> all = [];
        while (await Reader.ReadEmotionsAsync(_session, all.Count == 0 ? Beginning : all[^1].Sequence, page, Cancel) is { Count: > 0 } rows)
        {
            all.AddRange(rows);
        }

        return all;
    }

    private async Task<List<StoredWindow>> AllWindowsAsync(int page)
    {
        List<StoredWindow> all = [];
        while (await Reader.ReadWindowsAsync(_session, all.Count == 0 ? Beginning : all[^1].Window.StartMs, page, Cancel) is { Count: > 0 } rows)
        {
            all.AddRange(rows);
        }

        return all;
    }

    private async Task<List<StoredWindow>> AllOfDayAsync(DateOnly day, int page = 1000)
    {
        List<StoredWindow> all = [];
        while (await Reader.ReadDayAsync(_tenant, day, all.Count == 0 ? null : all[^1].Position, page, Cancel) is { Count: > 0 } rows)
        {
            all.AddRange(rows);
        }

        return all;
    }
}
