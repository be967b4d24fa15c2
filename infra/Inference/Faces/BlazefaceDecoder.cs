namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Turns blazeface's raw outputs into faces: boxes relative to anchors, scores as logits, overlapping boxes suppressed
/// (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019; anchors as in human's generateAnchors).
/// </summary>
internal static class BlazefaceDecoder
{
    public const int InputSize = 256;

    /// <summary>Numbers per box: center x, y, width, height relative to the anchor, then six key points.</summary>
    public const int BoxLength = 16;

    public const int FineAnchors = 512;
    public const int CoarseAnchors = 384;

    /// <summary>Boxes that overlap more than this (intersection over union) are the same face; human's default.</summary>
    private const float MaxOverlap = 0.1f;

    private static readonly (float X, float Y)[] Anchors = [.. Grid(stride: 16, perCell: 2), .. Grid(stride: 32, perCell: 6)];

    /// <summary>Faces of one image, best score first.</summary>
    /// <param name="fineScores">512 logits; <paramref name="fineBoxes"/> 512 x 16.</param>
    /// <param name="coarseScores">384 logits; <paramref name="coarseBoxes"/> 384 x 16.</param>
    /// <param name="maxFaces">Faces returned at most.</param>
    public static List<DetectedFace> Decode(
        ReadOnlySpan<float> fineScores, ReadOnlySpan<float> fineBoxes, ReadOnlySpan<float> coarseScores, ReadOnlySpan<float> coarseBoxes,
        float minConfidence, int maxFaces)
    {
        var candidates = new List<DetectedFace>();
        Collect(fineScores, fineBoxes, 0, minConfidence, candidates);
        Collect(coarseScores, coarseBoxes, FineAnchors, minConfidence, candidates);
        candidates.Sort((a, b) => b.Score.CompareTo(a.Score));
        var kept = new List<DetectedFace>();
        foreach (var candidate in candidates)
        {
            if (kept.Count == maxFaces)
                break;
            if (kept.TrueForAll(face => Overlap(face, candidate) < MaxOverlap))
                kept.Add(candidate);
        }

        return kept;
    }

    private static void Collect(ReadOnlySpan<float> scores, ReadOnlySpan<float> boxes, int firstAnchor, float minConfidence, List<DetectedFace> faces)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            var score = 1f / (1f + MathF.Exp(-scores[i]));
            if (score <= minConfidence)
                continue;
            var box = boxes.Slice(i * BoxLength, 4);
            var (x, y) = (box[0] + Anchors[firstAnchor + i].X, box[1] + Anchors[firstAnchor + i].Y);
            faces.Add(new DetectedFace(x - (box[2] / 2), y - (box[3] / 2), x + (box[2] / 2), y + (box[3] / 2), score));
        }
    }

    private static float Overlap(DetectedFace a, DetectedFace b)
    {
        var width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left);
        var height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0)
            return 0;
        var shared = width * height;
        return shared / (a.Area + b.Area - shared);
    }

    private static IEnumerable<(float X, float Y)> Grid(int stride, int perCell)
    {
        var cells = InputSize / stride;
        for (var y = 0; y < cells; y++)
        {
            for (var x = 0; x < cells; x++)
            {
                for (var n = 0; n < perCell; n++)
                    yield return (stride * (x + 0.5f), stride * (y + 0.5f));
            }
        }
    }
}
