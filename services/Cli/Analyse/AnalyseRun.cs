using System.Text.Json.Nodes;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Media.Vault;
using StreamPlatform.Schemas;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Cli.Analyse;

/// <summary>Streams one file through a running platform and gathers its timeline.</summary>
public sealed class AnalyseRun(Uri platform, string bootstrapServers, string registryAddress, TimeProvider time, MediaVault? media = null)
{
    /// <summary>Frames written ahead of their results: enough for full batches, few enough that live frames of the partition hardly wait.</summary>
    private const int MaxAhead = 64;

    private static readonly TimeSpan Half = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Windows close by silence after 8 s; the transcript of 15 minutes takes a while on one core.</summary>
    private static readonly TimeSpan ResultsPatience = TimeSpan.FromMinutes(10);

    /// <summary>Longest answer that is transcribed; what follows is not sent.</summary>
    private static readonly TimeSpan MaxSound = TimeSpan.FromSeconds((double)AudioSteps.MaxAnswerSamples / SpeechSegmenter.SampleRateHz);

    /// <summary>Analyses the file. Returns one JSON object, see docs/emotion-load.md.</summary>
    /// <exception cref="AnalyseException">An option, the file or the platform; names what to fix.</exception>
    public async Task<JsonObject> RunAsync(AnalyseOptions options, IProgress<AnalyseProgress> progress, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        options.Validate(now);
        var file = await MediaFile.ProbeAsync(options.File, time, ct);
        var clock = new RecordingClock(options.Start ?? DefaultStart(now, file.Duration), time);
        var withSound = file.HasAudio && options.Consents(0).AudioTranscription;
        using var registry = new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = registryAddress });
        using var interview = await RecordedInterview.CreateAsync(bootstrapServers, registry, options, withSound, clock, ct);
        AnalyseException? damage = null;
        try
        {
            await StreamAsync(file, options, withSound, interview, clock, progress, ct);
        }
        catch (AnalyseException e)
        {
            damage = e; // what lies before it is kept, and the session says that it was cut short
        }
        catch (OperationCanceledException)
        {
            await interview.CompleteAsync(cutShort: true); // or the session would stay open until it counts as silent
            throw;
        }

        await interview.CompleteAsync(cutShort: damage is not null);
        if (damage is not null && interview.FramesAcked == 0)
        {
            throw damage;
        }

        var kept = options.Keep ? await KeepAsync(file, options, interview, ct) : null;
        progress.Report(new AnalyseProgress("waiting for the results", interview.FramesAcked, interview.FramesAcked, interview.FramesAcked));
        var results = await ResultsAsync(interview, withSound && damage is null, ct);
        var outcome = Timeline.Of(options, file, clock.Start, interview.SessionId, interview.FramesAcked, results, platform);
        if (options.Keep)
        {
            outcome["media"] = kept is null ? null : new JsonObject { ["key"] = kept.Key, ["sha256"] = kept.Sha256, ["bytes"] = kept.Bytes, ["deleteAfterMs"] = kept.DeleteAfterMs };
            if (kept is null)
            {
                outcome["problems"]!.AsArray().Add("the file could not be kept in the media store: the log says why");
            }
        }

        outcome["ok"] = damage is null && outcome["problems"]!.AsArray().Count == 0;
        if (damage is not null)
        {
            outcome["problems"]!.AsArray().Add($"{damage.Message}; what lies before was analysed");
        }

        return outcome;
    }

    /// <summary>Null when the store did not take it: the analysis is worth having all the same.</summary>
    private async Task<MediaEntry?> KeepAsync(MediaFile file, AnalyseOptions options, RecordedInterview interview, CancellationToken ct)
    {
        if (media is null)
        {
            return null;
        }

        try
        {
            await using var content = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            var type = System.IO.Path.GetExtension(file.Path).Equals(".webm", StringComparison.OrdinalIgnoreCase) ? "video/webm" : "video/mp4";
            return await media.KeepAsync(new(MediaKinds.Video, options.Tenant, interview.SessionId, interview.CandidateId, System.IO.Path.GetFileName(file.Path), type), content, ct);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TransientException)
        {
            await Console.Error.WriteLineAsync($"the media store: {e.Message}");
            return null;
        }
    }

    /// <summary>Such that the recording ends now at the latest, on a whole window.</summary>
    private static DateTimeOffset DefaultStart(DateTimeOffset now, TimeSpan duration)
    {
        const long windowMs = 10_000;
        var ms = (now - duration).ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds(ms - (ms % windowMs));
    }

    private async Task StreamAsync(
        MediaFile file, AnalyseOptions options, bool withSound, RecordedInterview interview, RecordingClock clock, IProgress<AnalyseProgress> progress, CancellationToken ct)
    {
        using var reader = new RecordingReader(file, options.FramesPerSecond, withSound, time);
        await using var analysed = new AnalysisFollower(bootstrapServers, interview.SessionId, time);
        var expected = (long)Math.Ceiling(file.Duration.TotalSeconds * options.FramesPerSecond);
        await interview.StartAsync();
        var sound = withSound ? new SoundTrack(reader, interview, clock, MaxSound) : null;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var at = reader.NextFrameAt;
            if (await reader.NextFrameAsync(ct) is not { } jpeg)
            {
                break;
            }

            if (sound is not null)
            {
                await sound.PlayUntilAsync(at, ct);
            }

            clock.Position = at;
            await interview.FrameAsync(jpeg);
            await analysed.WaitAsync(reader.Frames - MaxAhead, ct);
            progress.Report(new AnalyseProgress("analysing", expected, interview.FramesAcked, analysed.Finished));
        }

        if (sound is not null)
        {
            await sound.PlayToEndAsync(ct);
        }

        clock.Position = file.Duration > clock.Position ? file.Duration : clock.Position + Half;
        await analysed.WaitAsync(reader.Frames, ct);
    }

    private async Task<JsonObject> ResultsAsync(RecordedInterview interview, bool withTranscript, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var since = time.GetTimestamp();
        JsonObject results = [];
        while (time.GetElapsedTime(since) < ResultsPatience)
        {
            using var response = await http.GetAsync(new Uri(platform, $"/api/sessions/{interview.SessionId}/results"), ct);
            if (response.IsSuccessStatusCode && JsonNode.Parse(await response.Content.ReadAsStringAsync(ct)) is JsonObject found)
            {
                results = found;
                if (Timeline.IsComplete(results, interview.FramesAcked, withTranscript))
                {
                    return results;
                }
            }

            await Task.Delay(PollInterval, time, ct);
        }

        return results;
    }
}
