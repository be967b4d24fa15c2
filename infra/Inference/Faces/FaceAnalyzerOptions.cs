namespace StreamPlatform.Inference.Faces;

/// <summary>Settings of <see cref="FaceAnalyzer"/>.</summary>
public sealed class FaceAnalyzerOptions
{
    /// <summary>Folder with the converted models; required.</summary>
    public string ModelDirectory { get; set; } = ".cache/models";

    /// <summary>Images per batch at most. Default 8; 1 to 64.</summary>
    public int MaxBatchSize { get; set; } = 8;

    /// <summary>How long an image waits for company, milliseconds. Default 4; 0 to 100.</summary>
    public int BatchLingerMs { get; set; } = 4;

    /// <summary>Images decoded, waiting or running at once; further callers wait. Default 64; MaxBatchSize to 1,024. Each holds up to 9 MB, but for large ones.</summary>
    public int MaxInFlightImages { get; set; } = 64;

    /// <summary>How many of them may be larger than 9 MB decoded (3 Mpixel), up to 48 MB each with the decoder's own bounds. Default 4; 1 to 64.</summary>
    public int MaxInFlightLargeImages { get; set; } = 4;

    /// <summary>Threads of one inference. Default 1: several batches at once use the cores better than several threads of one (docs/emotion-load.md); 1 to 64.</summary>
    public int IntraOpThreads { get; set; } = 1;

    /// <summary>Batches that run at once, each on <see cref="IntraOpThreads"/> threads and with its own buffers. Default: one per core, at most 8; 1 to 64.</summary>
    public int ConcurrentBatches { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Detector score above which a region is a face. Default 0.5; above 0, below 1. (At 0.2 hair and jewellery count as faces.)</summary>
    public float MinFaceConfidence { get; set; } = 0.5f;

    /// <summary>Faces counted at most. Default 10; 1 to 100.</summary>
    public int MaxFaces { get; set; } = 10;

    /// <summary>
    /// Faces read at most, largest first, so that the candidate's track can be followed among them. Default 3; 1 to 10. Only images that show several
    /// faces cost more.
    /// </summary>
    public int MaxFacesRead { get; set; } = 3;

    /// <summary>Use the first CUDA device when the build has the provider (-p:Gpu=true); falls back to the processor. Default false.</summary>
    public bool UseCuda { get; set; }

    /// <summary>Bounds of JPEG decoding.</summary>
    public Jpeg.JpegDecoderOptions Jpeg { get; set; } = new();

    /// <exception cref="ArgumentOutOfRangeException">Names the key and its range.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ModelDirectory);
        Require(MaxBatchSize, 1, 64, nameof(MaxBatchSize));
        Require(BatchLingerMs, 0, 100, nameof(BatchLingerMs));
        Require(MaxInFlightImages, MaxBatchSize, 1024, nameof(MaxInFlightImages));
        Require(MaxInFlightLargeImages, 1, 64, nameof(MaxInFlightLargeImages));
        Require(IntraOpThreads, 1, 64, nameof(IntraOpThreads));
        Require(ConcurrentBatches, 1, 64, nameof(ConcurrentBatches));
        Require(MaxFaces, 1, 100, nameof(MaxFaces));
        Require(MaxFacesRead, 1, 10, nameof(MaxFacesRead));
        if (!(MinFaceConfidence > 0 && MinFaceConfidence < 1))
            throw new ArgumentOutOfRangeException(nameof(MinFaceConfidence), MinFaceConfidence, "MinFaceConfidence must be above 0 and below 1");
        Jpeg.Validate();
    }

    private static void Require(int value, int min, int max, string key)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(key, value, $"{key} must be {min} to {max}");
    }
}
