using System.Diagnostics;
using System.Text.Json;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>Recordings as the capture page sends them where the browser encodes Opus: tests/js/browser/opus.mjs in a real Chromium.</summary>
internal static class BrowserOpus
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };
    private static readonly string? Chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>A message of the page.</summary>
    /// <param name="Opus">Framed packets, else PCM16.</param>
    /// <param name="Last">End of the answer.</param>
    /// <param name="Data">Payload, base64 in JSON.</param>
    internal sealed record Message(bool Opus, bool Last, byte[] Data);

    private sealed record Encoded(bool Supported, Dictionary<string, Message[]> Clips);

    public static void SkipWhereMissing()
    {
        OpusClips.SkipWhereMissing();
        Assert.SkipUnless(Chromium is not null, "no Chromium: apt-get install chromium");
        Assert.SkipUnless(Directory.Exists(Repository.File("tests/js/node_modules")), "tests/js/node_modules is missing: run npm ci in tests/js");
    }

    /// <summary>The messages of each clip, by its name.</summary>
    public static async Task<IReadOnlyDictionary<string, Message[]>> EncodeAsync(IEnumerable<LibriVoxClips.Clip> clips, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("streamplatform-pcm-");
        try
        {
            foreach (var clip in clips)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{clip.Name}.pcm"), clip.Pcm16, cancellationToken);
            }

            var start = new ProcessStartInfo("node", ["browser/opus.mjs", folder.FullName, "--chromium", Chromium!])
            {
                WorkingDirectory = Repository.File("tests/js"), RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var node = Process.Start(start)!;
            try
            {
                var (output, errors) = (node.StandardOutput.ReadToEndAsync(cancellationToken), node.StandardError.ReadToEndAsync(cancellationToken));
                await node.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
                Assert.True(node.ExitCode == 0, await errors);
                var encoded = JsonSerializer.Deserialize<Encoded>(await output, Format)!;
                Assert.SkipUnless(encoded.Supported, "this Chromium encodes no Opus");
                return encoded.Clips;
            }
            finally
            {
                if (!node.HasExited)
                {
                    node.Kill(entireProcessTree: true);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
