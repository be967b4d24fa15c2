using System.Globalization;
using StreamPlatform.Observability;
using StreamPlatform.Speech;

namespace StreamPlatform.Services;

/// <summary>Which engine hears, and since when. Always healthy: a change to the offline engine loses nothing; that not even it hears, the ladder is told.</summary>
public sealed class RecogniserHealth : IHealthSource
{
    private readonly FailoverRecognizer recognizer;
    private volatile string since;

    /// <param name="recognizer">Whose switches are noted from now on.</param>
    /// <param name="time">Clock.</param>
    public RecogniserHealth(FailoverRecognizer recognizer, TimeProvider time)
    {
        this.recognizer = recognizer;
        since = Text(time.GetUtcNow());
        recognizer.Switched += _ => since = Text(time.GetUtcNow());
    }

    public string Name => "recogniser";

    public HealthReport Check() => new(true, $"{recognizer.Engine} hears since {since}");

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
