namespace StreamPlatform.Streams;

internal static class OptionRange
{
    /// <exception cref="StreamsConfigurationException">Outside; names the key and the range.</exception>
    public static void Check(string key, long value, long min, long max)
    {
        if (value < min || value > max) throw new StreamsConfigurationException($"{key} is {value}; accepted range is {min}..{max}");
    }
}
