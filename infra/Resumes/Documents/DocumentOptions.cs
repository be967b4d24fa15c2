namespace StreamPlatform.Resumes.Documents;

/// <summary>Bounds of reading an uploaded document.</summary>
public sealed class DocumentOptions
{
    /// <summary>Largest document, bytes. Default 5 MiB, 1 KiB .. 64 MiB.</summary>
    public int MaxBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>Pages of a PDF that are read; the rest is cut off. Default 30, 1 .. 1000.</summary>
    public int MaxPages { get; set; } = 30;

    /// <summary>Characters of text that are read; the rest is cut off. Default 64 Ki (at most 256 KiB of UTF-8), 1 Ki .. 64 Ki.</summary>
    public int MaxChars { get; set; } = 64 * 1024;

    /// <summary>Entries of a DOCX archive. Default 1,000, 1 .. 10,000.</summary>
    public int MaxEntries { get; set; } = 1_000;

    /// <summary>Bytes of a DOCX' main part when unpacked. Default 16 MiB, 1 KiB .. 256 MiB.</summary>
    public int MaxUnpackedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>A DOCX' main part unpacked over packed; text packs 5 to 20 times, a bomb 1,000. Default 200, 2 .. 1000.</summary>
    public int MaxRatio { get; set; } = 200;

    /// <summary>Time for one PDF, ms. Default 10 s, 100 ms .. 2 min; its processor time has the same bound.</summary>
    public int PdfTimeoutMs { get; set; } = 10_000;

    /// <summary>Address space of the program that reads one PDF, MiB. Default 512, 64 .. 8192.</summary>
    public int PdfMemoryMiB { get; set; } = 512;

    /// <summary>PDFs read at once. Default 2, 1 .. 64.</summary>
    public int PdfAtOnce { get; set; } = 2;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(MaxBytes), MaxBytes, 1024, 64 * 1024 * 1024);
        Range(nameof(MaxPages), MaxPages, 1, 1000);
        Range(nameof(MaxChars), MaxChars, 1024, 64 * 1024);
        Range(nameof(MaxEntries), MaxEntries, 1, 10_000);
        Range(nameof(MaxUnpackedBytes), MaxUnpackedBytes, 1024, 256 * 1024 * 1024);
        Range(nameof(MaxRatio), MaxRatio, 2, 1000);
        Range(nameof(PdfTimeoutMs), PdfTimeoutMs, 100, 120_000);
        Range(nameof(PdfMemoryMiB), PdfMemoryMiB, 64, 8192);
        Range(nameof(PdfAtOnce), PdfAtOnce, 1, 64);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Documents:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
