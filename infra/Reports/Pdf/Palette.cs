using PdfSharp.Drawing;

namespace StreamPlatform.Reports.Pdf;

/// <summary>Colours of the pages' style sheet (services/Gateway/client/style.css), on white.</summary>
internal static class Palette
{
    public static readonly XBrush Ink = Brush(0x1b2130);
    public static readonly XBrush Muted = Brush(0x5c6579);
    public static readonly XBrush Line = Brush(0xe1e5ee);
    public static readonly XBrush Soft = Brush(0xeef2fd);
    public static readonly XBrush Accent = Brush(0x2f5fe0);
    public static readonly XBrush Good = Brush(0x1d7f4f);
    public static readonly XBrush Blinks = Brush(0x8fcfae);
    public static readonly XBrush Warn = Brush(0x96610a);
    public static readonly XBrush WarnSoft = Brush(0xfdf1d8);
    public static readonly XBrush GapFill = new XSolidBrush(XColor.FromArgb(70, 0xb3, 0x26, 0x3a));
    public static readonly XPen LinePen = new(Colour(0xe1e5ee), 0.6);
    public static readonly XPen MarkPen = new(Colour(0x1b2130), 0.8) { DashStyle = XDashStyle.Dash };

    /// <summary>The seven classes as they are stacked, from below, with their colours.</summary>
    public static readonly IReadOnlyList<(string Name, XBrush Fill)> Emotions =
    [
        ("happy", Brush(0xf2b134)), ("surprise", Brush(0xef7f3c)), ("neutral", Brush(0xa3adba)), ("sad", Brush(0x2f7fb5)),
        ("fear", Brush(0x7d5ba6)), ("disgust", Brush(0x6f9a37)), ("angry", Brush(0xd1495b)),
    ];

    private static XSolidBrush Brush(int rgb) => new(Colour(rgb));

    private static XColor Colour(int rgb) => XColor.FromArgb(255, rgb >> 16, (rgb >> 8) & 0xFF, rgb & 0xFF);
}
