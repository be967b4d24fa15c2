namespace StreamPlatform.Broker.Wire;

/// <summary>The bytes of a request do not follow its schema. The connection that sent them is closed; nothing else is affected.</summary>
public sealed class MalformedRequestException(string message) : Exception(message);
