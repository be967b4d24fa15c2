using System.Net.Sockets;

namespace StreamPlatform.Streams;

/// <summary>The default classification; <see cref="StreamsOptions.Classify"/> is asked first.</summary>
public static class ErrorClassifier
{
    /// <summary>Class of <paramref name="error"/> when the application has no opinion. An unknown error is fatal: guessing would lose records.</summary>
    public static ErrorClass Default(Exception error) => error switch
    {
        SerializationException or PoisonException => ErrorClass.Poison,
        DeferredException => ErrorClass.Deferred,
        TransientException or TimeoutException or IOException or HttpRequestException or SocketException => ErrorClass.Transient,
        AggregateException { InnerExceptions.Count: 1 } one => Default(one.InnerExceptions[0]),
        _ => ErrorClass.Fatal,
    };
}
