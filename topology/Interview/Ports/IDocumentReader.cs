namespace StreamPlatform.Topology.Ports;

/// <summary>Text out of an uploaded document. The kind is seen by the content, never by a name.</summary>
public interface IDocumentReader
{
    /// <summary>The text of a PDF, DOCX or UTF-8 text file, within stated bounds of time, memory and size.</summary>
    /// <exception cref="UnreadableDocumentException">No attempt will read it; the message is for whoever uploaded it.</exception>
    Task<DocumentText> ReadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <param name="Kind">"pdf", "docx" or "text".</param>
/// <param name="Text">At most 256 KiB of UTF-8.</param>
/// <param name="Cut">The document is longer than what is read.</param>
public sealed record DocumentText(string Kind, string Text, bool Cut);

/// <summary>A document that no attempt will ever read.</summary>
public sealed class UnreadableDocumentException(string message, Exception? inner = null) : Exception(message, inner);
