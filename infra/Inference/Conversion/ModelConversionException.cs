namespace StreamPlatform.Inference.Conversion;

/// <summary>A model that the converter cannot read or express; the message names the model's part.</summary>
public sealed class ModelConversionException(string message, Exception? inner = null) : Exception(message, inner);
