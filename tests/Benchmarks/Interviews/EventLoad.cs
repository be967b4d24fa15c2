using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Google.Protobuf;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>
/// Writes what the gateway would write, in a process of its own: <c>worker events BOOTSTRAP COUNT SECONDS</c>. Per interview two frames and two chunks of audio a second; every 20 s
/// a spoken answer ends and a typed one is handed in. The capture time is when an event was due, so falling behind shows as latency.
/// </summary>
internal sealed class EventLoad(IProducer<string, byte[]> producer, LoadMaterial material, int count)
{
    private const int TickMs = 500;
    private const int TicksPerAnswer = 40;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly EventSerdes serdes = new(new InMemorySchemaRegistryClient());
    private long frames;
    private long answers;
    private long bytes;
    private long failed;
    private double behindMs;

    public static async Task<JsonObject> RunAsync(string[] args)
    {
        var (count, seconds) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
        var material = LoadMaterial.Load();
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = args[0], EnableIdempotence = true, LingerMs = 5, MessageMaxBytes = 1_000_000, QueueBufferingMaxKbytes = 128 * 1024, DeliveryReportFields = "none",
        }).Build();
        var load = new EventLoad(producer, material, count);
        load.Begin();
        producer.Flush(TimeSpan.FromSeconds(30));
        load.bytes = 0;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await load.WriteAsync(seconds * 1000 / TickMs, TimeSpan.FromSeconds(seconds));
        producer.Flush(TimeSpan.FromSeconds(30));
        return new JsonObject
        {
            ["frames"] = load.frames, ["answers"] = load.answers, ["failed"] = Interlocked.Read(ref load.failed), ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 2),
            ["bytes"] = load.bytes, ["frame_bytes"] = Math.Round(material.FrameBytes), ["most_behind_ms"] = Math.Round(load.behindMs),
            ["ended_ms"] = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), ["cpu_s"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds, 1),
        };
    }

    private static string Id(int session) => $"load-{session:00000}";

    private void Begin()
    {
        for (var session = 0; session < count; session++)
        {
            Produce(Topics.Sessions, session, new SessionState
            {
                SessionId = Id(session), Tenant = "bench", Jurisdiction = "US", Status = SessionStatus.Active,
                Consents = new Consents { VideoEmotion = true, FacePresence = true, Blink = true, AudioTranscription = true },
            });
        }
    }

    /// <summary>Every session has its own moment within a tick. What is not written a second after the time is left out.</summary>
    private async Task WriteAsync(int ticks, TimeSpan length)
    {
        var startedMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var clock = Stopwatch.StartNew();
        for (var tick = 0; tick < ticks; tick++)
        {
            for (var session = 0; session < count; session++)
            {
                var due = (tick + ((double)session / count)) * TickMs;
                while (clock.Elapsed.TotalMilliseconds < due) await Task.Delay(1);
                behindMs = Math.Max(behindMs, clock.Elapsed.TotalMilliseconds - due);
                if (clock.Elapsed > length + Grace) return;
                Write(session, tick, startedMs + (long)due);
            }
        }
    }

    private void Write(int session, int tick, long dueMs)
    {
        var ends = (tick + (session % TicksPerAnswer)) % TicksPerAnswer == TicksPerAnswer - 1;
        var index = (tick + (session % TicksPerAnswer)) / TicksPerAnswer * 2;
        Produce(Topics.Frames, session, new FrameCaptured
        {
            SessionId = Id(session), Tenant = "bench", Sequence = tick + 1, CapturedAtMs = dueMs, ReceivedAtMs = dueMs, QuestionIndex = index,
            Jpeg = UnsafeByteOperations.UnsafeWrap(material.Frame(session, tick)),
        });
        frames++;
        var chunk = new AudioChunk
        {
            SessionId = Id(session), Tenant = "bench", Sequence = tick + 1, CapturedAtMs = dueMs, ReceivedAtMs = dueMs, Codec = AudioCodec.Pcm16, SampleRateHz = 16_000,
            Data = UnsafeByteOperations.UnsafeWrap(material.Speech(tick, 16_000)), QuestionIndex = index, EndOfAnswer = ends,
        };
        if (ends) chunk.Question = new Question { Id = material.SpokenQuestion, Index = index, Text = "Read aloud.", Kind = AnswerKind.Spoken, KeyPoints = { "leisure" } };
        Produce(Topics.Audio, session, chunk);
        if (!ends) return;
        Produce(Topics.Answers, session, new AnswerSubmitted
        {
            AnswerId = $"{Id(session)}/{index + 1}", SessionId = Id(session), Tenant = "bench", Kind = AnswerKind.Typed, Text = material.TypedAnswer, SubmittedAtMs = dueMs,
            Question = new Question { Id = material.TypedQuestion, Index = index + 1, Text = "Exactly once?", Kind = AnswerKind.Typed, KeyPoints = { "transaction", "offsets" } },
        });
        answers += 2;
    }

    private void Produce<T>(string topic, int session, T value) where T : class, IMessage<T>, new()
    {
        var message = new Message<string, byte[]> { Key = Id(session), Value = serdes.For<T>().Serialize(topic, value) };
        bytes += message.Value.Length;
        while (true)
        {
            try
            {
                producer.Produce(topic, message, report => { if (report.Error.IsError) Interlocked.Increment(ref failed); });
                return;
            }
            catch (ProduceException<string, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull) { producer.Poll(TimeSpan.FromMilliseconds(20)); }
        }
    }
}
