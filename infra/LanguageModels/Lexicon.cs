namespace StreamPlatform.LanguageModels;

/// <summary>Word lists of the rubric.</summary>
internal static class Lexicon
{
    /// <summary>Words that carry no content.</summary>
    public static readonly HashSet<string> StopWords = Set(
        """
        a about after all also am an and any are as at be because been before being both but by can could did do does doing done each even every
        few for from further get gets got had has have having he her here him his how i i'd i'll i'm i've if in into is it it's its itself just
        let let's like many may me might more most much must my no nor not of off on once one only or other our out over own per really same
        shall she should so some such than that that's the their them then there these they this those through to too under until up upon us
        very was we well were what when where which while who whom why will with within without would yes you your
        make makes made making thing things way ways use used uses using need needs want lot lots good better best nice great maybe perhaps
        """);

    /// <summary>Words that show how sentences hang together.</summary>
    public static readonly HashSet<string> Connectives = Set(
        """
        because since therefore thus hence so however although though whereas while instead otherwise unless if when then first second third
        next finally afterwards before after until also moreover furthermore for example instance such namely that's consequently meanwhile
        """);

    /// <summary>Connectives that give a reason, a condition or an example.</summary>
    public static readonly HashSet<string> Reasons = Set("because since therefore thus hence if when unless otherwise instead whereas example instance however although");

    /// <summary>Words that fill time or commit to nothing.</summary>
    public static readonly HashSet<string> Fillers = Set(
        "um uh er erm hmm basically actually literally kinda sorta stuff whatever somehow something things thing maybe probably guess anyway");

    private static readonly Dictionary<string, string> Synonyms = BuildSynonyms(
        "duplicate repeat twice double dedupe deduplication deduplicate",
        "crash fail failure die killed outage",
        "restart resume recover recovery",
        "record message event",
        "rollback revert undo",
        "database db postgres postgresql mysql",
        "fast quick rapid",
        "slow latency delay",
        "colleague teammate coworker peer",
        "concurrent parallel simultaneous simultaneously",
        "monitor observe watch track",
        "alert alarm page",
        "split shard divide",
        "bound limit cap ceiling",
        "invalidate evict eviction expire",
        "prevent avoid stop",
        "measure benchmark profile profiler",
        "verify check validate",
        "atomic atomically together",
        "output result",
        "client caller",
        "customer user",
        "unique distinct",
        "stakeholder manager boss",
        "fence fenced fencing zombie",
        "abort aborted cancel",
        "find detect discover",
        "deterministic reproducible stable fixed",
        "downstream dependency",
        "key keys keyed");

    /// <summary>One word for all the synonyms of a stem.</summary>
    public static string Canonical(string stem) => Synonyms.GetValueOrDefault(stem, stem);

    private static HashSet<string> Set(string words) => [.. words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    private static Dictionary<string, string> BuildSynonyms(params string[] groups)
    {
        Dictionary<string, string> canonical = [];
        foreach (string group in groups)
        {
            string[] stems = [.. group.Split(' ').Select(Stemmer.Stem)];
            foreach (string stem in stems)
            {
                canonical.TryAdd(stem, stems[0]);
            }
        }
        return canonical;
    }
}
