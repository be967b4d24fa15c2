using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;

namespace StreamPlatform.Tests.Unit.AllInOne;

/// <summary>What keeps the data directory from being used is told apart: a lock held by another, no right to write, a read-only or full disk.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private readonly Postgres.TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_second_platform_is_told_of_the_first_and_may_start_when_it_has_gone()
    {
        using (DataDirectory.Open(directory.Root))
        {
            var refused = Assert.Throws<PlatformException>(() => DataDirectory.Open(directory.Root));
            Assert.Contains("another StreamPlatform uses the data directory " + directory.Root, refused.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(directory.Root).Dispose();
    }

    [Fact]
    public void A_lock_file_that_cannot_be_opened_is_no_other_platform()
    {
        Directory.CreateDirectory(Path.Combine(directory.Root, "lock")); // opens for nobody, root included

        var refused = Assert.Throws<PlatformException>(() => DataDirectory.Open(directory.Root));

        Assert.DoesNotContain("another StreamPlatform", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(directory.Root, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<PlatformException>(() => DataDirectory.Open(Path.Combine(file, "data")));

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Disks that a test cannot have: the error numbers of Linux (asm-generic/errno.h) as .NET hands them on.</summary>
    [Theory]
    [InlineData(11, "another StreamPlatform uses")]
    [InlineData(28, "is full")]
    [InlineData(122, "is full")]
    [InlineData(30, "file system is read-only")]
    [InlineData(5, "cannot be written (the cause)")]
    public void Each_cause_is_told_apart(int error, string expected)
    {
        var text = DataDirectory.Explain("/data", new IOException("the cause", error));

        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Contains("/data", text, StringComparison.Ordinal);
        Assert.Contains("--data", text, StringComparison.Ordinal);
        Assert.Equal(error == 11, text.Contains("another StreamPlatform", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_of_another_owner_is_told_from_a_lock() =>
        Assert.Contains("change its owner", DataDirectory.Explain("/data", new UnauthorizedAccessException("denied")), StringComparison.Ordinal);
}
