using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class WordErrorRateTests
{
    [Theory]
    [InlineData("the cat sat", "the cat sat", 0)]
    [InlineData("the cat sat", "the bat sat", 1.0 / 3)]
    [InlineData("the cat sat", "the sat", 1.0 / 3)]
    [InlineData("the cat sat", "the cat he sat", 1.0 / 3)]
    [InlineData("one", "two three", 2)]
    [InlineData("", "", 0)]
    [InlineData("", "word", 1)]
    [InlineData("a word", "", 1)]
    public void Substitutions_deletions_and_insertions_count_one_each(string reference, string hypothesis, double rate) =>
        Assert.Equal(rate, WordErrorRate.Between(reference, hypothesis), 9);

    [Fact]
    public void Case_and_punctuation_do_not_count_and_hyphens_part_words() =>
        Assert.Equal(0, WordErrorRate.Between("He was NOT an ill-disposed man: \"no\"!", "he was not an ill disposed man no"));

    [Fact]
    public void Apostrophes_inside_words_stay_and_numbers_are_untouched() =>
        Assert.Equal(["don't", "pay", "42", "3", "5"], WordErrorRate.Words("Don’t 'pay' 42, 3.5"));
}
