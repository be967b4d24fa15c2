using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Finds faces in a still image and reads emotion and eye openness from the candidate's face.</summary>
public interface IEmotionModel
{
    /// <summary>Analyses one JPEG. Implementations batch concurrent calls.</summary>
    /// <param name="jpeg">JPEG bytes, at most 512 KiB.</param>
    /// <param name="query">What may be computed, and how urgent it is.</param>
    /// <exception cref="UnreadableImageException">The bytes are no decodable JPEG within the decoder's bounds: never retryable.</exception>
    ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken);

    /// <summary>Version of the models, as stored with each result.</summary>
    string ModelVersion { get; }
}

/// <summary>What one image shows.</summary>
/// <param name="FaceCount">Faces found, 0 or more.</param>
/// <param name="Face">The largest face, as fractions 0..1 of the image; null when there is none.</param>
/// <param name="Probabilities">Seven classes, summing to 1; null when there is no face.</param>
/// <param name="EyeOpenness">Eye aspect ratio, mean of both eyes; 0 when there is no face.</param>
/// <param name="EyesClosed">Eye aspect ratio below the threshold.</param>
public sealed record FaceAnalysis(int FaceCount, FaceBox? Face, EmotionProbabilities? Probabilities, float EyeOpenness, bool EyesClosed)
{
    /// <summary>The faces that were read, largest first: fewer than <see cref="FaceCount"/> when there are many.</summary>
    public IReadOnlyList<FaceReading> Faces { get; init; } = [];

    /// <summary>Mean luminance of the whole image, 0 (black) to 1.</summary>
    public float Luminance { get; init; } = 1;
}

/// <summary>One face of an image.</summary>
/// <param name="Box">As fractions 0..1 of the image.</param>
/// <param name="Probabilities">Seven classes, summing to 1; null when emotion was not asked for.</param>
/// <param name="EyeOpenness">Eye aspect ratio, mean of both eyes; 0 when it was not asked for.</param>
/// <param name="YawDegrees">How far the head is turned aside: 0 = towards the camera, positive = the nose points to the image's right.</param>
/// <param name="Luminance">Mean luminance of the face, 0 (black) to 1.</param>
/// <param name="Sharpness">Variance of the Laplacian over the variance of the grey values, on the face at a fixed size; falls with blur.</param>
public sealed record FaceReading(
    FaceBox Box, EmotionProbabilities? Probabilities, float EyeOpenness, float YawDegrees, float Luminance, float Sharpness);

/// <summary>An image that no attempt will ever decode.</summary>
public sealed class UnreadableImageException(string message, Exception? inner = null) : Exception(message, inner);
