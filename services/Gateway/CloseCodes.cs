namespace StreamPlatform.Gateway;

/// <summary>Close codes of the gateway's WebSockets; below 4000 as in RFC 6455 and IANA's list.</summary>
public static class CloseCodes
{
    public const int Normal = 1000;
    public const int GoingAway = 1001;
    public const int MessageTooBig = 1009;
    public const int TryAgainLater = 1013;

    /// <summary>The same session was opened by a newer socket.</summary>
    public const int Replaced = 4001;
    public const int BadToken = 4401;
    public const int UnknownSession = 4404;

    /// <summary>No hello in time, or silence.</summary>
    public const int Timeout = 4408;
}
