using System.Diagnostics;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Inference.Hostile;

/// <summary>Memory of the whole process is measured, so nothing else may run.</summary>
[CollectionDefinition("whole process", DisableParallelization = true)]
public sealed class WholeProcess;

/// <summary>Fault F13: hostile frames are refused within 64 MiB of memory, native memory included, and within bounded time.</summary>
[Collection("whole process")]
public sealed class HostileJpegTests(ITestOutputHelper output)
{
    private const long MaxMoreBytes = 64L * 1024 * 1024;
    private const int Mutants = 3000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);
    private static readonly JpegDecoder Decoder = new();

    [Fact]
    public void Every_hostile_frame_is_refused_within_bounded_memory_and_time()
    {
        var frames = HostileJpegs.Refused().ToList();
        var worst = TimeSpan.Zero;
        var more = Measure(() =>
        {
            foreach (var (name, jpeg) in frames)
            {
                var started = Stopwatch.GetTimestamp();
                var problem = Record.Exception(() => Decoder.Decode(jpeg).Dispose());
                var took = Stopwatch.GetElapsedTime(started);
                worst = took > worst ? took : worst;
                output.WriteLine($"{name} ({jpeg.Length} bytes): {took.TotalMilliseconds:F1} ms, {problem?.Message ?? "decoded"}");
                Assert.True(problem is UnreadableImageException, $"{name}: {problem?.ToString() ?? "decoded"}");
                Assert.True(took < MaxTime, $"{name} took {took}");
            }
        });
        output.WriteLine($"{frames.Count} frames, the slowest {worst.TotalMilliseconds:F0} ms, memory +{more / 1024 / 1024} MiB");
    }

    [Fact]
    public void Unusual_frames_that_are_harmless_are_decoded()
    {
        foreach (var (name, jpeg) in HostileJpegs.Accepted())
        {
            using var image = Decoder.Decode(jpeg);
            Assert.True((image.Width, image.Height) == (320, 240), name);
        }
    }

    /// <summary>The largest image that is let in, of each kind, is decoded within the same memory.</summary>
    [Theory]
    [InlineData(4096, 4096, 0)]
    [InlineData(3900, 2800, 16384)]
    [InlineData(65535, 256, 0)]
    public void The_largest_frame_that_is_let_in_is_decoded_within_bounded_memory(int width, int height, int flags)
    {
        var jpeg = HostileJpegs.Encoded(width, height, flags);
        GC.Collect();
        var more = Measure(() => Decoder.Decode(jpeg).Dispose());
        output.WriteLine($"{width} x {height}: memory +{more / 1024 / 1024} MiB");
    }

    [Fact]
    public void Mutants_neither_crash_nor_leak_nor_last()
    {
        byte[][] seeds = [.. HostileJpegs.Accepted().Select(each => each.Jpeg), .. HostileJpegs.Refused().Select(each => each.Jpeg).Where(jpeg => jpeg.Length is > 100 and < 40_000)];
        var random = new Random(20_113);
        var (decoded, refused, worst) = (0, 0, TimeSpan.Zero);
        var more = Measure(() =>
        {
            for (var i = 0; i < Mutants; i++)
            {
                var mutant = JpegMutator.Mutate(seeds[i % seeds.Length], seeds[random.Next(seeds.Length)], random);
                var started = Stopwatch.GetTimestamp();
                try
                {
                    Decoder.Decode(mutant).Dispose();
                    decoded++;
                }
                catch (UnreadableImageException)
                {
                    refused++;
                }

                var took = Stopwatch.GetElapsedTime(started);
                worst = took > worst ? took : worst;
            }
        });
        output.WriteLine($"{Mutants} mutants: {decoded} decoded, {refused} refused, the slowest {worst.TotalMilliseconds:F0} ms, memory +{more / 1024 / 1024} MiB");
        Assert.True(worst < MaxTime, $"the slowest mutant took {worst}");
        Assert.True(decoded > 0 && refused > Mutants / 2);
    }

    [Fact]
    public async Task The_emotion_processor_gives_hostile_frames_to_the_dead_letters_and_goes_on()
    {
        InferenceAssets.SkipWithoutModels();
        await using var analyzer = InferenceAssets.Analyzer();
        foreach (var (name, jpeg) in HostileJpegs.Refused().Where(each => each.Jpeg.Length <= 512 * 1024))
        {
            var frame = new FrameCaptured { SessionId = "s", Sequence = 1, Jpeg = Google.Protobuf.ByteString.CopyFrom(jpeg) };
            var problem = await Record.ExceptionAsync(() => FrameSteps.AnalyseAsync(analyzer, new FrameTask(frame, FaceOutputs.All, 0), TimeProvider.System, CancellationToken.None));
            Assert.True(problem is PoisonException, $"{name}: {problem}");
        }

        var good = new FrameCaptured { SessionId = "s", Sequence = 2, Jpeg = Google.Protobuf.ByteString.CopyFrom(HostileJpegs.Plain(320, 240)) };
        Assert.Equal(0, (await FrameSteps.AnalyseAsync(analyzer, new FrameTask(good, FaceOutputs.All, 0), TimeProvider.System, CancellationToken.None)).Observed.FaceCount);
    }

    /// <summary>How much the process grew at its highest; fails above the limit.</summary>
    private static long Measure(Action action)
    {
        Assert.SkipUnless(ResidentMemory.IsMeasurable, "memory is measured by /proc/self/clear_refs, which this system lacks");
        Decoder.Decode(HostileJpegs.Plain(320, 240)).Dispose(); // loads the library
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = ResidentMemory.Now();
        ResidentMemory.ResetPeak();
        action();
        var more = Math.Max(0, ResidentMemory.Peak() - before);
        Assert.True(more <= MaxMoreBytes, $"memory grew by {more / 1024 / 1024} MiB");
        return more;
    }
}
