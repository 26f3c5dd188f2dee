using System.Text;
using System.Text.Json;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_jobs_items_are_taken_apart
{
    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[1,\"a,]b\",{\"c\":[1,{}]},[[],[]],null,true,\"\\\"\"]")]
    public void They_are_whole_again_when_they_are_put_together(string items) => Assert.Equal(items, Encoding.UTF8.GetString(JsonItems.Join(JsonItems.Split(Encoding.UTF8.GetBytes(items)))));

    [Theory]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("[1,]")]
    [InlineData("")]
    public void What_is_no_array_is_refused(string items) => Assert.ThrowsAny<JsonException>(() => JsonItems.Split(Encoding.UTF8.GetBytes(items)));
}
