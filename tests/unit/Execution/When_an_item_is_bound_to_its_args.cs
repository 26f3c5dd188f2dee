using System.Text;
using Broker.Contracts;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_an_item_is_bound_to_its_args
{
    [Theory]
    [InlineData("5")]
    [InlineData(" 5 ")]
    [InlineData("[5]")]
    [InlineData("{\"number\":5}")]
    [InlineData("{\"NUMBER\":5,\"unknown\":true}")]
    public void A_bare_value_an_array_and_an_object_bind_alike(string item) => Assert.Equal(new One(5), Bind<One>(item));

    [Theory]
    [InlineData("[\"a\",2]", "a", 2, true)]
    [InlineData("[\"a\",2,false]", "a", 2, false)]
    [InlineData("{\"name\":\"a\",\"count\":2}", "a", 2, true)]
    [InlineData("{\"count\":2,\"flag\":false,\"name\":\"a\"}", "a", 2, false)]
    public void Optional_parameters_may_be_omitted(string item, string name, int count, bool flag) => Assert.Equal(new Several(name, count, flag), Bind<Several>(item));

    [Theory]
    [InlineData("\"a\"", "a", 7)]
    [InlineData("[\"a\",9]", "a", 9)]
    [InlineData("[]", null, 7)]
    [InlineData("{}", null, 7)]
    public void A_bare_value_binds_if_all_other_parameters_are_optional(string item, string? text, int top) => Assert.Equal(new Relaxed(text, top), Bind<Relaxed>(item));

    [Theory]
    [InlineData("42", "42")]
    [InlineData("4.20", "4.20")]
    [InlineData("true", "true")]
    [InlineData("[1e3]", "1e3")]
    [InlineData("\"42\"", "42")]
    public void A_number_binds_to_a_text_parameter_as_written(string item, string text) => Assert.Equal(new Textual(text), Bind<Textual>(item));

    [Theory]
    [InlineData("[1,2,3]", new[] { 1, 2, 3 })]
    [InlineData("[]", new int[0])]
    [InlineData("{\"numbers\":[1,2]}", new[] { 1, 2 })]
    public void An_array_binds_to_a_list_that_is_the_only_parameter(string item, int[] numbers) => Assert.Equal(numbers, Bind<Listing>(item).Numbers);

    [Fact]
    public void A_list_among_other_parameters_is_a_nested_array()
    {
        var bound = Bind<Mixed>("[[1,2],{\"number\":3}]");
        Assert.Equal([1, 2], bound.Numbers);
        Assert.Equal(new One(3), bound.One);
    }

    [Theory]
    [InlineData("[\"a\"]")]
    [InlineData("[\"a\",2,true,4]")]
    [InlineData("{\"name\":\"a\"}")]
    [InlineData("\"a\"")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("[\"a\",\"two\"]")]
    [InlineData("[null,2]")]
    [InlineData("[\"a\",2.5]")]
    public void The_message_shows_the_item_and_the_expected_signature(string item)
    {
        var error = Assert.Throws<ItemDoesNotFitException>(() => Bind<Several>(item));
        Assert.StartsWith($"{item} does not fit test(name: text, count: integer, flag: true or false?)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_names_the_wrong_property() =>
        Assert.EndsWith("(at count)", Assert.Throws<ItemDoesNotFitException>(() => Bind<Several>("{\"name\":\"a\",\"count\":\"x\"}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_that_looks_like_JSON_is_reported() =>
        Assert.Contains("begins like JSON but is not", Assert.Throws<ItemDoesNotFitException>(() => Bind<One>("\"{number:5}\"")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_item_is_truncated_in_the_message()
    {
        var error = Assert.Throws<ItemDoesNotFitException>(() => Bind<One>($"\"{new string('x', 5000)}\""));
        Assert.True(error.Message.Length < 200, error.Message);
        Assert.Contains("xxx... does not fit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_item_does_not_affect_the_next()
    {
        var binder = new ArgsBinder<Several>("test", PayloadJson.Options);
        Assert.Throws<ItemDoesNotFitException>(() => binder.Bind("[\"first\",2,true,4]"u8));
        Assert.Equal(new Several("second", 3), binder.Bind("[\"second\",3]"u8));
    }

    private static T Bind<T>(string item) => new ArgsBinder<T>("test", PayloadJson.Options).Bind(Encoding.UTF8.GetBytes(item));

    private sealed record One(long Number);

    private sealed record Several(string Name, int Count, bool Flag = true);

    private sealed record Relaxed(string? Text = null, int Top = 7);

    private sealed record Textual(string Text);

    private sealed record Listing(IReadOnlyList<int> Numbers);

    private sealed record Mixed(int[] Numbers, One One);
}
