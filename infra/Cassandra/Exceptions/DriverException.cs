namespace Cassandra;

/// <summary>Root of everything this client throws about the database or the way to it.</summary>
public class DriverException : Exception
{
    public DriverException(string message)
        : base(message)
    {
    }

    public DriverException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The query was understood and failed while it ran.</summary>
public abstract class QueryExecutionException(string message, Exception? innerException = null) : DriverException(message, innerException);

/// <summary>The query was refused before it ran; the same query will be refused again.</summary>
public abstract class QueryValidationException(string message, Exception? innerException = null) : DriverException(message, innerException);
