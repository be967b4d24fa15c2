using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Bilinear resampling with exactly the sampling points of TensorFlow's operators, because the models' reference pipeline uses them:
/// half a pixel of difference moves an emotion's probability by several percent. Of an image that was scaled down while decoding the points are those of
/// the source image, found in the smaller one: the middle of a small pixel is the middle of the source pixels that it stands for.
/// </summary>
internal static class Resampling
{
    /// <summary>
    /// tf.image.resizeBilinear with alignCorners and halfPixelCenters false: output (x, y) samples input (x * width / size, y * height / size).
    /// </summary>
    /// <param name="target">size x size x 3, each value divided by <paramref name="divisor"/>, then <paramref name="offset"/> added.</param>
    public static void ResizeBilinear(RgbImage image, int size, float divisor, float offset, Span<float> target)
    {
        Span<Tap> columns = stackalloc Tap[size];
        for (var x = 0; x < size; x++)
            columns[x] = Tap.At((double)image.SourceWidth / size * x, image.Divisor, image.Width);
        for (var y = 0; y < size; y++)
        {
            var row = Tap.At((double)image.SourceHeight / size * y, image.Divisor, image.Height);
            Interpolate(image, row, columns, divisor, offset, target.Slice(y * size * 3, size * 3));
        }
    }

    /// <summary>
    /// tf.image.cropAndResize (bilinear, extrapolation value 0) of <paramref name="box"/>, which may reach beyond the image, divided by 255. The box is in
    /// pixels of the source image.
    /// </summary>
    /// <param name="target">size x size x 3, each 0..1.</param>
    public static void CropAndResize(RgbImage image, CropBox box, int size, Span<float> target)
    {
        Span<Tap> columns = stackalloc Tap[size];
        CropTaps(box.Left, box.Right, image.SourceWidth, image.Divisor, image.Width, columns);
        Span<Tap> rows = stackalloc Tap[size];
        CropTaps(box.Top, box.Bottom, image.SourceHeight, image.Divisor, image.Height, rows);
        for (var y = 0; y < size; y++)
            Interpolate(image, rows[y], columns, 255f, 0, target.Slice(y * size * 3, size * 3));
    }

    /// <summary>
    /// Grey values -1..1 of every third pixel: resizeBilinear from 192 to 64 samples at whole multiples of 3, so nothing is interpolated.
    /// Weights as in the reference (0.2989, 0.587, 0.114).
    /// </summary>
    /// <param name="face">192 x 192 x 3, each 0..1.</param>
    /// <param name="target">64 x 64.</param>
    public static void GreyThird(ReadOnlySpan<float> face, Span<float> target)
    {
        const int Side = 64;
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var pixel = face.Slice(((y * 3 * Side * 3) + (x * 3)) * 3, 3);
                var grey = (pixel[0] * 0.2989f) + (pixel[1] * 0.5870f) + (pixel[2] * 0.1140f);
                target[(y * Side) + x] = (grey - 0.5f) * 2f;
            }
        }
    }

    private static void CropTaps(int from, int to, int length, int divisor, int pixels, Span<Tap> taps)
    {
        // The operator takes its box as float32 fractions of the image.
        double first = (float)((double)from / length);
        double last = (float)((double)to / length);
        var step = (last - first) * (length - 1) / (taps.Length - 1);
        for (var i = 0; i < taps.Length; i++)
        {
            var position = (first * (length - 1)) + (i * step);
            taps[i] = position < 0 || position > length - 1 ? Tap.Outside : Tap.At(position, divisor, pixels);
        }
    }

    private static void Interpolate(RgbImage image, Tap row, ReadOnlySpan<Tap> columns, float divisor, float offset, Span<float> target)
    {
        if (row.IsOutside)
        {
            target.Fill(offset);
            return;
        }

        ReadOnlySpan<byte> pixels = image.Pixels;
        var width = image.Width;
        var above = pixels.Slice(row.Low * width * 3, width * 3);
        var below = pixels.Slice(row.High * width * 3, width * 3);
        for (var x = 0; x < columns.Length; x++)
        {
            var column = columns[x];
            for (var channel = 0; channel < 3; channel++)
            {
                if (column.IsOutside)
                {
                    target[(x * 3) + channel] = offset;
                    continue;
                }

                var (left, right) = ((column.Low * 3) + channel, (column.High * 3) + channel);
                var top = above[left] + ((above[right] - above[left]) * column.Fraction);
                var bottom = below[left] + ((below[right] - below[left]) * column.Fraction);
                // Rounded where TensorFlow rounds: interpolation in double, then a float32 tensor divided by a float32 constant.
                target[(x * 3) + channel] = ((float)(top + ((bottom - top) * row.Fraction)) / divisor) + offset;
            }
        }
    }

    /// <summary>The two neighbours of a sampling point along one axis and the weight of the second.</summary>
    private readonly record struct Tap(int Low, int High, double Fraction)
    {
        public static readonly Tap Outside = new(-1, -1, 0);

        public bool IsOutside => Low < 0;

        /// <param name="position">In pixels of the source.</param>
        /// <param name="length">Pixels there are.</param>
        public static Tap At(double position, int divisor, int length)
        {
            if (divisor > 1)
                position = Math.Clamp(((position + 0.5) / divisor) - 0.5, 0, length - 1);
            var low = (int)Math.Floor(position);
            return new Tap(low, Math.Min(length - 1, (int)Math.Ceiling(position)), position - low);
        }
    }
}
