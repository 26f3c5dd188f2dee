using System.Text;
using System.Text.Json;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_the_items_of_a_job_are_split
{
    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[1,-2.5e3,true,null]")]
    [InlineData("[1,\"a,]b\",{\"c\":[1,{}]},[[],[]],null,true,\"\\\"\"]")]
    public void Split_items_can_be_joined_again(string items) => Assert.Equal(items, Encoding.UTF8.GetString(JsonItems.Join(JsonItems.Split(Encoding.UTF8.GetBytes(items)))));

    [Theory]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("[1,]")]
    [InlineData("")]
    public void Items_that_are_not_an_array_are_refused(string items) => Assert.ThrowsAny<JsonException>(() => JsonItems.Split(Encoding.UTF8.GetBytes(items)));
}
