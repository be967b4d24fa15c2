namespace StreamPlatform.Streams;

/// <summary>Which side gives a result alone when it met nothing.</summary>
[Flags]
internal enum OuterSides { None = 0, Left = 1, Right = 2 }
