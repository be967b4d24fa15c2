using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>Keys of a file, taken over when it changes (R-20: rotation without restart). A file that is empty or cannot be read changes nothing.</summary>
internal sealed class KeyFile : IDisposable
{
    private const int MaxKeys = 100;
    private const long MaxBytes = 64 * 1024;

    private readonly string path;
    private readonly KeyPool pool;
    private readonly ILogger logger;
    private readonly ITimer timer;
    private IReadOnlyList<string> inForce;
    private int reading;

    public KeyFile(KeyPoolOptions options, KeyPool pool, IReadOnlyList<string> inForce, TimeProvider time, ILogger logger)
    {
        path = options.File;
        this.pool = pool;
        this.inForce = inForce;
        this.logger = logger;
        timer = time.CreateTimer(_ => Look(), null, options.ReloadInterval, options.ReloadInterval);
    }

    /// <exception cref="ArgumentException">Not readable, empty, too many keys; names the file, never a key.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new ArgumentException($"the key file {path} has more than {MaxBytes} bytes");
            }

            string[] keys = [.. File.ReadLines(path).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0).Distinct()];
            return keys.Length is >= 1 and <= MaxKeys ? keys : throw new ArgumentException($"the key file {path} holds {keys.Length} keys; it takes 1 to {MaxKeys}, one per line");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"the key file {path} cannot be read: {e.Message}", e);
        }
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref reading, 1) == 1)
        {
            return;
        }

        try
        {
            // read, not stat: a file replaced within the clock's resolution has the same time
            var keys = Read(path);
            if (!keys.SequenceEqual(inForce))
            {
                pool.Replace(keys);
                inForce = keys;
            }
        }
        catch (ArgumentException e)
        {
            Log.KeyFileNotRead(logger, e.Message);
        }
        finally
        {
            Volatile.Write(ref reading, 0);
        }
    }
}
