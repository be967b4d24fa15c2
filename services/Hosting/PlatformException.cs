namespace StreamPlatform.Hosting;

/// <summary>The platform cannot start or go on; the message names the thing to fix.</summary>
public sealed class PlatformException(string message, Exception? inner = null) : Exception(message, inner);
