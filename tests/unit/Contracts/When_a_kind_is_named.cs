using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_a_kind_is_named
{
    [Theory]
    [InlineData("double", true)]
    [InlineData("a", true)]
    [InlineData("7up", true)]
    [InlineData("shop.orders_v2-eu", true)]
    [InlineData("", false)]
    [InlineData("Double", false)]
    [InlineData("-a", false)]
    [InlineData(".a", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("größe", false)]
    [InlineData("a*", false)]
    [InlineData("a/b", false)]
    public void A_kind_name_is_valid_or_not(string kind, bool valid) => Assert.Equal(valid, KindName.IsValid(kind));

    [Fact]
    public void A_kind_name_has_at_most_100_letters()
    {
        Assert.True(KindName.IsValid(new string('a', 100)));
        Assert.False(KindName.IsValid(new string('a', 101)));
    }

    [Fact]
    public void An_args_record_declares_its_kind() => Assert.Equal("double", KindName.Of(typeof(DoubleNumber)));

    [Fact]
    public void A_record_without_a_kind_is_refused_with_the_line_to_add()
    {
        var error = Assert.Throws<ArgumentException>(() => KindName.Of(typeof(Nameless)));
        Assert.Contains("public static string Kind", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_whose_kind_breaks_the_rule_is_refused_with_the_rule()
    {
        var error = Assert.Throws<ArgumentException>(() => KindName.Of(typeof(Misnamed)));
        Assert.Contains(KindName.Rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_inherits_the_kind_of_its_base_unless_it_declares_its_own()
    {
        Assert.Equal("base", KindName.Of(typeof(Heir)));
        Assert.Equal("own", KindName.Of(typeof(Independent)));
    }

    private abstract record Ancestor : IJob<int>
    {
        public static string Kind => "base";
    }

    private sealed record Heir : Ancestor;

    private sealed record Independent : Ancestor
    {
        public static new string Kind => "own";
    }

    // The analyzer is disabled for the two records that represent programs compiled without it.
#pragma warning disable BROKER001, BROKER002
    private sealed record Nameless(int Number) : IJob<int>;

    private sealed record Misnamed(int Number) : IJob<int>
    {
        public static string Kind => "No Good";
    }
#pragma warning restore BROKER001, BROKER002
}
