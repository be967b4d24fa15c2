using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Cli.Analyse;

/// <summary>How a recorded video is analysed.</summary>
public sealed class AnalyseOptions
{
    /// <summary>Names that <c>--consent</c> takes.</summary>
    public static readonly IReadOnlyList<string> ConsentNames = ["emotion", "face", "blink", "speech", "recording"];

    /// <summary>Longest video, position of its end. The last of 15 minutes is the longest answer that is transcribed; the video goes on.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(2);

    /// <summary>How far back a recording may be dated: the frames topic keeps 24 hours by event time.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    /// <summary>MP4 or WebM.</summary>
    public string File { get; set; } = "";

    /// <summary>Frames taken out of each second of video. Default 2, as the browser captures; 0.2 to 10.</summary>
    public double FramesPerSecond { get; set; } = 2;

    /// <summary>What the user states that the person agreed to: names of <see cref="ConsentNames"/>, or "all". Required.</summary>
    public IReadOnlyList<string> Consent { get; set; } = [];

    /// <summary>Keep the file in the media store, encrypted, for as long as recordings are kept. Needs the consent "recording". Default false.</summary>
    public bool Keep { get; set; }

    /// <summary>Where the person was: ISO 3166 alpha-2, or EU. Required.</summary>
    public string Jurisdiction { get; set; } = "";

    /// <summary>Tenant that the session belongs to. Default "default"; at most 200 characters.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary>Name shown to reviewers. Default "Recorded video"; at most 200 characters.</summary>
    public string Name { get; set; } = "Recorded video";

    /// <summary>Moment of the first frame. Default: such that the recording ends now, on a whole 10 seconds, so that windows begin with the file.</summary>
    public DateTimeOffset? Start { get; set; }

    /// <exception cref="AnalyseException">Names the option and what it takes.</exception>
    public void Validate(DateTimeOffset now)
    {
        Require(FramesPerSecond is >= 0.2 and <= 10, $"--fps is {FramesPerSecond}; it takes 0.2 to 10");
        Require(Consent.Count > 0, "--consent is missing: state what the person in the video agreed to, from emotion, face, blink, speech, recording (comma between), or all");
        foreach (var name in Consent)
        {
            Require(name == "all" || ConsentNames.Contains(name), $"--consent has '{name}'; it takes {string.Join(", ", ConsentNames)}, all");
        }

        Require(!Keep || Claims("recording"), "--keep needs --consent recording (or all): the person agreed that the recording is kept");
        Require(Jurisdiction.Length == 2 && Jurisdiction.All(char.IsAsciiLetter), "--jurisdiction is two letters: the country where the person was, as in ISO 3166 (US), or EU");
        Require(Tenant.Length is > 0 and <= 200, "--tenant has 1 to 200 characters");
        Require(Name.Length is > 0 and <= 200, "--name has 1 to 200 characters");
        Require(Start is null || (Start <= now && now - Start <= MaxAge), $"--start is {Start:u}; it takes a time within the last {MaxAge.TotalHours:0} hours");
    }

    /// <summary>The consents that are claimed.</summary>
    public Consents Consents(long nowMs) => new()
    {
        VideoEmotion = Claims("emotion"), FacePresence = Claims("face"), Blink = Claims("blink"), AudioTranscription = Claims("speech"), Recording = Claims("recording"), GivenAtMs = nowMs,
    };

    private bool Claims(string name) => Consent.Contains(name) || Consent.Contains("all");

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new AnalyseException(message);
        }
    }
}
