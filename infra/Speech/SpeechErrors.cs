namespace StreamPlatform.Speech;

/// <summary>The engine's library or model is missing or does not load: nothing works until someone installs it.</summary>
public sealed class SpeechEngineUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Too many calls already wait for a decoder: try again later.</summary>
public sealed class RecognizerBusyException(int maxWaiting)
    : TimeoutException($"{maxWaiting} segments already wait for a speech decoder: raise PocketSphinx:MaxDecoders, or send less at once.");
