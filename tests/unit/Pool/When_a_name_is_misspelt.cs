using Broker.Fleet;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_name_is_misspelt
{
    [Theory]
    [InlineData("dubble", "double")]
    [InlineData("doubel", "double")]
    [InlineData("double", "double")]
    [InlineData("wordcount", "word-count")]
    [InlineData("slepe", "sleep")]
    [InlineData("zzzzzz", null)]
    [InlineData("", null)]
    public void The_nearest_is_found_if_it_is_near(string name, string? nearest) => Assert.Equal(nearest, NearestName.Of(name, ["double", "word-count", "sleep", "count-primes"]));

    [Fact]
    public void Of_two_equally_near_the_first_by_spelling_is_taken() => Assert.Equal("cat", NearestName.Of("hat", ["rat", "cat"]));

    [Fact]
    public void Among_none_there_is_none() => Assert.Null(NearestName.Of("double", []));
}
