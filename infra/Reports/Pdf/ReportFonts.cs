using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using PdfSharp.Drawing;
using PdfSharp.Fonts;
using PdfSharp.Pdf;

namespace StreamPlatform.Reports.Pdf;

/// <summary>
/// Noto Sans, regular and bold, from the assembly: the machine needs no fonts. It has Latin, Greek and Cyrillic letters; of other scripts
/// <see cref="Shown"/> leaves a mark for each character.
/// </summary>
internal sealed class ReportFonts : IFontResolver
{
    private const string Family = "Noto Sans";
    private const char Stand = '?';

    private static readonly byte[]? Regular = Load("fonts/NotoSans-Regular.ttf");
    private static readonly byte[]? Bold = Load("fonts/NotoSans-Bold.ttf");
    private static readonly Lazy<FrozenSet<int>> Covered = new(() => Coverage(Regular!));
    private static readonly Lazy<bool> Registered = new(() =>
    {
        GlobalFontSettings.FontResolver ??= new ReportFonts(); // one per process
        return true;
    });

    /// <summary>False in a build made without the fonts.</summary>
    public static bool Available => Regular is not null && Bold is not null;

    /// <summary>A font of that size in points.</summary>
    public static XFont Of(double points, bool bold = false) => Registered.Value
        ? new XFont(Family, points, bold ? XFontStyleEx.Bold : XFontStyleEx.Regular, new XPdfFontOptions(PdfFontEncoding.Unicode))
        : throw new InvalidOperationException("the fonts are not registered");

    /// <summary>The text as the fonts can show it: one "?" for each character that they lack, a space for each control character.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                shown.Append(' ');
            }
            else if (Rune.GetUnicodeCategory(rune) is not System.Globalization.UnicodeCategory.Format)
            {
                shown.Append(Covered.Value.Contains(rune.Value) ? rune.ToString() : Stand);
            }
        }

        return shown.ToString();
    }

    public byte[]? GetFont(string faceName) => faceName == "bold" ? Bold : Regular;

    public FontResolverInfo? ResolveTypeface(string familyName, bool isBold, bool isItalic) => new(isBold ? "bold" : "regular");

    private static byte[]? Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return data;
    }

    // The character map of a TrueType font: table cmap, subtable format 4 (OpenType specification, "cmap").
    private static FrozenSet<int> Coverage(ReadOnlySpan<byte> font)
    {
        var found = new HashSet<int>();
        var tables = U16(font, 4);
        for (var t = 0; t < tables; t++)
        {
            var record = font[(12 + (16 * t))..];
            if (record[..4].SequenceEqual("cmap"u8))
            {
                Map(font[(int)BinaryPrimitives.ReadUInt32BigEndian(record[8..])..], found);
            }
        }

        return found.ToFrozenSet();
    }

    private static void Map(ReadOnlySpan<byte> cmap, HashSet<int> found)
    {
        var subtables = U16(cmap, 2);
        for (var i = 0; i < subtables; i++)
        {
            var table = cmap[(int)BinaryPrimitives.ReadUInt32BigEndian(cmap[(8 + (8 * i))..])..];
            if (U16(table, 0) != 4)
            {
                continue;
            }

            var doubled = U16(table, 6);
            for (var at = 0; at < doubled; at += 2)
            {
                var (last, first) = (U16(table, 14 + at), U16(table, 16 + doubled + at));
                for (var code = first; code <= last && code < 0xFFFF; code++)
                {
                    found.Add(code);
                }
            }
        }
    }

    private static int U16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16BigEndian(data[at..]);
}
