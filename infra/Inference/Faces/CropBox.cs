namespace StreamPlatform.Inference.Faces;

/// <summary>A square part of an image in whole pixels; may reach beyond the image.</summary>
internal readonly record struct CropBox(int Left, int Top, int Right, int Bottom);
