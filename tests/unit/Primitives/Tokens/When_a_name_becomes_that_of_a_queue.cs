using System.Text;
using Broker.Topology;

namespace Broker.Tests.Unit.Primitives.Tokens;

public sealed class When_a_name_becomes_that_of_a_queue
{
    private static readonly string[] Invalid = ["\ud800", "\udfff", "a\ud800b", "\udc00\ud800"];

    [Theory]
    [InlineData("nightly")]
    [InlineData("Nightly import/2 (a:b)")]
    [InlineData("ключ")]
    [InlineData("a~b")]
    public void It_is_kept_where_it_fits(string name) => Assert.Equal($"broker.token.lock.{name}", Names.TokenQueue("lock", name));

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("\ufffd")]
    public void It_is_hashed_where_it_does_not(string name) => Assert.Matches("^~[0-9a-f]{64}$", SafeName.Of(name));

    [Fact]
    public void It_is_hashed_where_it_is_not_valid_Unicode() =>
        Assert.All(Invalid, name => Assert.Matches("^~[0-9a-f]{64}$", SafeName.Of(name)));

    [Fact]
    public void It_fits_in_an_AMQP_name_however_long_it_is()
    {
        foreach (var letter in new[] { "a", "ü", "漢", "😀" })
        {
            for (var length = 1; length < 1000; length += 7)
                Assert.InRange(Encoding.UTF8.GetByteCount(Names.TokenQueue("semaphore", string.Concat(Enumerable.Repeat(letter, length)))), 1, 255);
        }
    }

    [Fact]
    public void Different_names_stay_different()
    {
        List<string> names = ["", "a", "A", "\ud800", "\ud801", "\udfff", "\ufffd", "a\n", "a\r", new string('a', 200), new string('a', 201), new string('a', 1000), new string('b', 1000), "~a", "~"];
        // A hash as a name is hashed itself.
        names.Add(SafeName.Of(""));
        Assert.Equal(names.Count, names.Select(SafeName.Of).Distinct(StringComparer.Ordinal).Count());
    }
}
