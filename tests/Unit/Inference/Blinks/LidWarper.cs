using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Unit.Inference.Blinks;

/// <summary>
/// Shuts the eyes of a photograph: the skin between brow and upper lid is stretched down over the eye, the lower lid rises a little. What lies under the
/// lid is covered, not squeezed, as by a real lid. Landmarks: the iris model's contour, points 0 to 8 the lower lid from corner to corner, 9 to 15 the upper.
/// </summary>
internal static class LidWarper
{
    /// <summary>Part of the way that the lower lid makes.</summary>
    private const float LowerShare = 0.1f;

    /// <summary>Height of the stretched skin, in eye widths.</summary>
    private const float LidHeight = 0.45f;

    private static readonly int[] Lower = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly int[] Upper = [0, 9, 10, 11, 12, 13, 14, 15, 8];

    /// <summary>A copy with both eyes closed by <paramref name="closure"/>: 0 = as they are, 1 = the lids touch.</summary>
    public static RgbImage Close(RgbImage image, (float X, float Y)[][] contours, float closure)
    {
        var result = RgbImage.FromPixels(image.Width, image.Height, image.Pixels);
        if (closure > 0)
        {
            foreach (var contour in contours)
                Close(image, result, contour, closure);
        }

        return result;
    }

    private static void Close(RgbImage source, RgbImage target, (float X, float Y)[] contour, float closure)
    {
        var (start, end) = (contour[0], contour[8]);
        var width = MathF.Sqrt(((end.X - start.X) * (end.X - start.X)) + ((end.Y - start.Y) * (end.Y - start.Y)));
        var along = (X: (end.X - start.X) / width, Y: (end.Y - start.Y) / width);
        // Down the face, whichever corner comes first.
        var down = along.X >= 0 ? (X: -along.Y, Y: along.X) : (X: along.Y, Y: -along.X);
        (float S, float T) Local(float x, float y) =>
            (((x - start.X) * along.X) + ((y - start.Y) * along.Y), ((x - start.X) * down.X) + ((y - start.Y) * down.Y));
        var upper = Upper.Select(i => Local(contour[i].X, contour[i].Y)).ToArray();
        var lower = Lower.Select(i => Local(contour[i].X, contour[i].Y)).ToArray();
        var (centerX, centerY) = ((start.X + end.X) / 2, (start.Y + end.Y) / 2);
        var lid = LidHeight * width;
        for (var y = Math.Max(0, (int)(centerY - width)); y < Math.Min(source.Height, (int)(centerY + width)); y++)
        {
            for (var x = Math.Max(0, (int)(centerX - width)); x < Math.Min(source.Width, (int)(centerX + width)); x++)
            {
                var (s, t) = Local(x, y);
                if (s <= 0 || s >= width)
                    continue;
                var (top, bottom) = (At(upper, s), At(lower, s));
                if (bottom <= top)
                    continue;
                var from = Source(t, top, bottom, lid, closure);
                if (from != t)
                    Copy(source, target, x, y, x + ((from - t) * down.X), y + ((from - t) * down.Y));
            }
        }
    }

    /// <summary>Which height of the photograph shows at height <paramref name="t"/>; all along the axis that points down the face.</summary>
    private static float Source(float t, float top, float bottom, float lid, float closure)
    {
        var opening = bottom - top;
        var newBottom = bottom - (closure * LowerShare * opening);
        var newTop = top + (closure * (1 - LowerShare) * opening);
        if (t > top - lid && t < newTop)
            return top - lid + ((t - top + lid) * lid / (newTop - top + lid));
        if (t > newBottom && t < bottom + lid)
            return bottom + ((t - newBottom) * lid / (bottom + lid - newBottom));
        return t;
    }

    private static float At((float S, float T)[] curve, float s)
    {
        for (var i = 1; i < curve.Length; i++)
        {
            if (s <= curve[i].S)
            {
                var share = (s - curve[i - 1].S) / Math.Max(1e-3f, curve[i].S - curve[i - 1].S);
                return curve[i - 1].T + ((curve[i].T - curve[i - 1].T) * share);
            }
        }

        return curve[^1].T;
    }

    private static void Copy(RgbImage source, RgbImage target, int x, int y, float fromX, float fromY)
    {
        var (left, top) = (Math.Clamp((int)fromX, 0, source.Width - 2), Math.Clamp((int)fromY, 0, source.Height - 2));
        var (right, down) = (Math.Clamp(fromX - left, 0, 1), Math.Clamp(fromY - top, 0, 1));
        var input = source.Pixels;
        var output = target.Pixels;
        for (var channel = 0; channel < 3; channel++)
        {
            var at = (((top * source.Width) + left) * 3) + channel;
            var below = at + (source.Width * 3);
            var upper = input[at] + ((input[at + 3] - input[at]) * right);
            var lower = input[below] + ((input[below + 3] - input[below]) * right);
            output[(((y * target.Width) + x) * 3) + channel] = (byte)MathF.Round(upper + ((lower - upper) * down));
        }
    }
}
