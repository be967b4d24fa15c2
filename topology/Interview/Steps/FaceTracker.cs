using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>
/// Which of a frame's faces continues a track: the one that overlaps where the face was last seen, else the nearest one of a similar size. Faces are not
/// recognised: a person who takes the candidate's place without a break is followed as the candidate.
/// </summary>
public static class FaceTracker
{
    /// <summary>Intersection over union from which two boxes are the same face (the value of the IoU tracker, Bochinski et al., AVSS 2017, is 0.5 at 25 frames/s; heads move more in half a second).</summary>
    private const float SameFaceOverlap = 0.3f;

    /// <summary>How far a face may move within a second, in face sizes. A head moves its own width in half a second when someone leans aside.</summary>
    private const float MaxMovePerSecond = 2f;

    private const float MinMove = 0.5f;
    private const float MaxMove = 2f;

    /// <summary>A face grows or shrinks at most this much between frames: leaning from 90 cm to 60 cm is 1.5.</summary>
    private const float MaxSizeRatio = 1.6f;

    /// <summary>Place among <paramref name="faces"/> of the one that continues the track; -1 when none does.</summary>
    /// <param name="last">Where the face was.</param>
    /// <param name="elapsedMs">Since then.</param>
    public static int Match(FaceBox last, long elapsedMs, IReadOnlyList<FaceReading> faces)
    {
        var (best, bestOverlap) = (-1, SameFaceOverlap);
        for (var i = 0; i < faces.Count; i++)
        {
            var overlap = Overlap(last, faces[i].Box);
            if (overlap >= bestOverlap)
            {
                (best, bestOverlap) = (i, overlap);
            }
        }

        return best >= 0 ? best : Nearest(last, elapsedMs, faces);
    }

    /// <summary>Intersection over union, 0..1.</summary>
    public static float Overlap(FaceBox a, FaceBox b)
    {
        var width = Math.Min(a.Left + a.Width, b.Left + b.Width) - Math.Max(a.Left, b.Left);
        var height = Math.Min(a.Top + a.Height, b.Top + b.Height) - Math.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var shared = width * height;
        return shared / ((a.Width * a.Height) + (b.Width * b.Height) - shared);
    }

    private static int Nearest(FaceBox last, long elapsedMs, IReadOnlyList<FaceReading> faces)
    {
        var (best, bestMove) = (-1, Math.Clamp(MaxMovePerSecond * elapsedMs / 1000f, MinMove, MaxMove));
        for (var i = 0; i < faces.Count; i++)
        {
            var box = faces[i].Box;
            var (wide, high) = (Ratio(box.Width, last.Width), Ratio(box.Height, last.Height));
            if (wide > MaxSizeRatio || high > MaxSizeRatio)
            {
                continue;
            }

            // In face sizes per axis, so that the image's aspect ratio does not matter.
            var x = (box.Left + (box.Width / 2) - last.Left - (last.Width / 2)) / ((box.Width + last.Width) / 2);
            var y = (box.Top + (box.Height / 2) - last.Top - (last.Height / 2)) / ((box.Height + last.Height) / 2);
            var move = MathF.Sqrt((x * x) + (y * y));
            if (move <= bestMove)
            {
                (best, bestMove) = (i, move);
            }
        }

        return best;
    }

    private static float Ratio(float a, float b) => a <= 0 || b <= 0 ? float.PositiveInfinity : Math.Max(a / b, b / a);
}
