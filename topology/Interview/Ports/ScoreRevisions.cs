namespace StreamPlatform.Topology.Ports;

/// <summary>
/// How scores of one answer are ordered: the highest revision is in force, in the report and in the store. A corrected transcript starts a new
/// thousand, so that it outranks every decision made on the text before it; a person's decision is the next number.
/// </summary>
public static class ScoreRevisions
{
    /// <summary>Decisions that one text can take.</summary>
    public const int PerText = 1000;

    /// <summary>Engine of a score that a person gave.</summary>
    public const string HumanEngine = "human";

    /// <summary>Revision of the score of a text: 0 for the first transcript or a typed answer.</summary>
    public static int OfText(int transcriptRevision) => Math.Clamp(transcriptRevision, 0, int.MaxValue / PerText - 1) * PerText;
}
