namespace StreamPlatform.Inference.Conversion;

/// <summary>Files that appear whole or not at all.</summary>
internal static class AtomicFile
{
    public static void Write(string path, byte[] content)
    {
        // Unique per writer: two processes converting at once must not write into one another's temporary file.
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }
}
