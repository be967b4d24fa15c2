namespace StreamPlatform.Streams;

/// <summary>Where work off the owner loop runs, and how its threads wait for each other; a simulation injects its own.</summary>
public interface IScheduling
{
    /// <summary>Starts <paramref name="work"/> elsewhere; the work never throws.</summary>
    void RunAsync(Func<Task> work);

    /// <summary>Runs blocking <paramref name="work"/> on a thread of its own until it returns.</summary>
    void RunThread(string name, Action work);

    ISignal CreateSignal(bool set = false);
}
