using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Inference.Demo;

/// <summary>
/// Makes a camera's frames out of a photograph: the view wanders slowly over the person's box and breathes in and out.
/// A frame is a pure function of photograph, box and time. Safe for concurrent use.
/// </summary>
public sealed class DemoFrameRenderer : IDisposable
{
    /// <summary>The view is this part of the box, at its narrowest and widest.</summary>
    private const double MinZoom = 0.90;

    private const double MaxZoom = 1.00;
    private const double ZoomPeriodSeconds = 17;
    private const double PanPeriodSeconds = 11;

    private readonly RgbImage _photo;
    private readonly DemoFace _face;

    /// <param name="photo">The photograph at full size; disposed with this object.</param>
    private DemoFrameRenderer(RgbImage photo, DemoFace face) => (_photo, _face) = (photo, face);

    /// <summary>Loads the person's photograph.</summary>
    /// <param name="photoDir">The folder of the sample photographs (npm package @vladmandic/face-api, folder demo).</param>
    /// <exception cref="FileNotFoundException">The photograph is missing.</exception>
    public static DemoFrameRenderer Load(string photoDir, DemoFace face)
    {
        var path = Path.Combine(photoDir, face.Photo);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing: unpack npm package @vladmandic/face-api 1.7.15 (./streamplatform does)", path);
        return new DemoFrameRenderer(new JpegDecoder().Decode(File.ReadAllBytes(path)), face);
    }

    /// <summary>The frame at a time since the person came into view, as JPEG.</summary>
    public byte[] Render(TimeSpan time, int width = 640, int height = 480, int quality = 85)
    {
        using var frame = RenderPixels(time, width, height);
        return JpegEncoder.Encode(frame, quality);
    }

    /// <summary>The same frame before it is encoded; the caller disposes it.</summary>
    public RgbImage RenderPixels(TimeSpan time, int width, int height)
    {
        var seconds = time.TotalSeconds;
        var zoom = MinZoom + ((MaxZoom - MinZoom) * (0.5 + (0.5 * Math.Cos(seconds * 2 * Math.PI / ZoomPeriodSeconds))));
        var angle = seconds * 2 * Math.PI / PanPeriodSeconds;
        var (viewWidth, viewHeight) = (_face.Width * zoom, _face.Height * zoom);
        var left = _face.Left + ((_face.Width - viewWidth) * (0.5 + (0.5 * Math.Sin(angle))));
        var top = _face.Top + ((_face.Height - viewHeight) * (0.5 + (0.5 * Math.Sin(2 * angle))));
        return ImageCropper.Crop(_photo, left, top, viewWidth, viewHeight, width, height);
    }

    public void Dispose() => _photo.Dispose();
}
