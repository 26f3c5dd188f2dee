using Broker.Contracts.Messages;
using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_a_value_is_changed
{
    private readonly FoldedState _fold = new();

    [Fact]
    public void Its_version_grows_by_one()
    {
        for (var version = 1; version <= 3; version++)
            Assert.Equal(version, Set(version).Version);
    }

    [Fact]
    public void One_of_many_with_the_same_version_succeeds_and_the_others_see_its_value()
    {
        Assert.True(Set("first", 0).Done);
        var other = Set("second", 0);
        Assert.False(other.Done);
        Assert.Equal(1, other.Version);
        Assert.Equal("\"first\"", FoldedState.Text(other.Value));
        Assert.True(Set("second", 1).Done);
    }

    [Theory]
    [InlineData("Int32", "2147483646", "1", "2147483647")]
    [InlineData("Int32", "2147483647", "1", null)]
    [InlineData("Int32", "null", "-5", "-5")]
    [InlineData("Int32", "1.5", "1", null)]
    [InlineData("Int32", "\"1\"", "1", null)]
    [InlineData("Byte", "0", "-1", null)]
    [InlineData("UInt64", "18446744073709551614", "1", "18446744073709551615")]
    [InlineData("Int64", "9223372036854775807", "1", null)]
    [InlineData("Double", "0.1", "0.2", "0.30000000000000004")]
    [InlineData("Double", "1E308", "1E308", null)]
    [InlineData("Double", "1e300", "1", "1E+300")]
    [InlineData("Single", "16777216", "1", "16777216")]
    [InlineData("Decimal", "0.1", "0.2", "0.3")]
    [InlineData("Decimal", "79228162514264337593543950335", "1", null)]
    [InlineData("Guid", "1", "1", null)]
    [InlineData("Double", "[1]", "1", null)]
    public void It_is_added_to_in_the_arithmetic_of_its_type(string type, string value, string delta, string? sum)
    {
        _fold.Apply(new ValueSet(Raw(value), null));
        var outcome = _fold.Apply(new ValueAdd(Raw(delta), type));
        if (sum is null)
            Assert.IsType<Refused>(outcome);
        else
            Assert.Equal(sum, FoldedState.Text(Assert.IsType<ValueChange>(outcome).Value));
        Assert.Equal(sum ?? value, FoldedState.Text(_fold.State<ValueState>().Value));
        Assert.Equal(sum is null ? 1 : 2, _fold.State<ValueState>().Version);
    }

    [Fact]
    public void One_that_was_never_set_counts_as_zero() => Assert.Equal("7", FoldedState.Text(Assert.IsType<ValueChange>(_fold.Apply(new ValueAdd(FoldedState.Json(7), "Int64"))).Value));

    [Fact]
    public void One_that_is_too_large_is_refused_and_the_old_one_stays()
    {
        Set("old");
        Assert.Equal(Refusal.TooLarge, Assert.IsType<Refused>(_fold.Apply(new ValueSet(FoldedState.Json(new string('x', 1024 * 1024)), null))).Reason);
        Assert.Equal("\"old\"", FoldedState.Text(_fold.State<ValueState>().Value));
    }

    [Fact]
    public void Any_JSON_is_kept_as_it_is()
    {
        var json = string.Concat(Enumerable.Repeat("[{\"a\":", 200)) + "null" + string.Concat(Enumerable.Repeat("}]", 200));
        foreach (var value in new[] { "null", "true", "1.50", "\"\\u00e9 é\"", "{\"b\":[],\"a\":{}}", json })
        {
            _fold.Apply(new ValueSet(Raw(value), null));
            Assert.Equal(value, FoldedState.Text(_fold.State<ValueState>().Value));
        }
    }

    private static RawJson Raw(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private ValueChange Set(object value, long? version = null) => Assert.IsType<ValueChange>(_fold.Apply(new ValueSet(FoldedState.Json(value), version)));
}
