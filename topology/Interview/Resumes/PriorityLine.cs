namespace StreamPlatform.Topology.Resumes;

/// <summary>
/// Who waits, urgent ones first; while both wait, every tenth turn goes to the others, so that none starves. Not safe for concurrent use: its owner locks.
/// </summary>
public sealed class PriorityLine
{
    private const int TurnsPerOther = 10;

    private readonly LinkedList<TaskCompletionSource> urgent = new();
    private readonly LinkedList<TaskCompletionSource> others = new();
    private int turns;

    public int Count => urgent.Count + others.Count;

    /// <summary>Joins the line; the task completes when it is this one's turn.</summary>
    public LinkedListNode<TaskCompletionSource> Join(bool isUrgent) =>
        (isUrgent ? urgent : others).AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Leaves the line; false when its turn has come already.</summary>
    public static bool Leave(LinkedListNode<TaskCompletionSource> place)
    {
        if (place.List is not { } list)
        {
            return false;
        }

        list.Remove(place);
        return true;
    }

    /// <summary>Takes the next out of the line; null when nobody waits.</summary>
    public TaskCompletionSource? Next()
    {
        var list = urgent.Count == 0 || (others.Count > 0 && ++turns % TurnsPerOther == 0) ? others : urgent;
        if (list.First is not { } first)
        {
            return null;
        }

        list.RemoveFirst();
        return first.Value;
    }
}
