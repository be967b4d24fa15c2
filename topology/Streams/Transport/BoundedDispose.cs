namespace StreamPlatform.Streams;

/// <summary>
/// Destroys a client that may never return from it: librdkafka now and then hangs in the destruction of a consumer that did not close, when a rebalance is under way
/// (confluentinc/librdkafka issues 3143 and 3182; seen here with 2.15.1). Such a client is left behind rather than its instance lost.
/// </summary>
internal static class BoundedDispose
{
    /// <returns>False when it had not returned within <paramref name="patience"/>; it goes on by itself.</returns>
    public static bool Run(Action dispose, TimeSpan patience)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try { dispose(); }
            catch (Exception e) { failure = e; }
        }) { IsBackground = true, Name = "client-dispose" };
        thread.Start();
        if (!thread.Join(patience)) return false;
        if (failure is not null) throw new InvalidOperationException($"the client could not be disposed: {failure.Message}", failure);
        return true;
    }
}
