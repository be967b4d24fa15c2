namespace StreamPlatform.Hosting;

/// <summary>A write that has ended.</summary>
/// <param name="Sink">"sink of interviews" or "sink of emotions": they may write to different databases.</param>
/// <param name="Sessions">Whose rows that people query have changed; repeated, and empty where no cache shows what was written.</param>
/// <param name="Error">Null when it is stored.</param>
public sealed record StoreWrite(string Sink, IEnumerable<string> Sessions, Exception? Error)
{
    internal const string Interviews = "sink of interviews";
    internal const string Emotions = "sink of emotions";

    /// <summary>Awaits the write and tells of it; its error goes on to the sink.</summary>
    internal static async Task TellAsync(Task write, string sink, IEnumerable<string> sessions, Action<StoreWrite>[] after)
    {
        try
        {
            await write;
        }
        catch (Exception error)
        {
            Tell(new(sink, sessions, error));
            throw;
        }

        Tell(new(sink, sessions, null));

        void Tell(StoreWrite told)
        {
            foreach (var action in after)
            {
                action(told);
            }
        }
    }
}
