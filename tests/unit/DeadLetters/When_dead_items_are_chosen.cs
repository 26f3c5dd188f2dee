using System.Text.Json;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Producer.Cli.Commands.Dead;

namespace Broker.Tests.Unit.DeadLetters;

public sealed class When_dead_items_are_chosen
{
    private static readonly DeadItem Item = new()
    {
        Kind = "resize",
        JobId = Guid.Parse("01a21e88-55b4-722d-86e6-057fef192307"),
        BatchId = Guid.Parse("01a21e88-55b4-722d-86e6-057fef190000"),
        Index = 41,
        Item = JsonDocument.Parse("""{"number":5,"name":"cat","size":{"width":100},"urls":["a","b"],"none":null}""").RootElement,
        FailureType = "System.TimeoutException",
        FailureMessage = "no answer within 3 s",
        Attempts = [new DeadAttempt(new ProcessIdentity("one", 7, "w"), DateTimeOffset.UtcNow), new DeadAttempt(new ProcessIdentity("two", 8, "w"), DateTimeOffset.UtcNow)],
        DiedAt = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(90),
    };

    [Theory]
    [InlineData("type~timeout", true)]
    [InlineData("type=System.TimeoutException", true)]
    [InlineData("type!=System.TimeoutException", false)]
    [InlineData("message ~ no answer", true)]
    [InlineData("message~yes", false)]
    [InlineData("job=01A21E88-55B4-722D-86E6-057FEF192307", true)]
    [InlineData("batch=01a21e88-55b4-722d-86e6-057fef192307", false)]
    [InlineData("index=41", true)]
    [InlineData("index<41", false)]
    [InlineData("index<=41", true)]
    [InlineData("attempts>1", true)]
    [InlineData("host=two", true)]
    [InlineData("host=one", false)]
    [InlineData("pid=8", true)]
    [InlineData("age>1h", true)]
    [InlineData("age<1h", false)]
    [InlineData("age>=2h", false)]
    [InlineData("args.number=5", true)]
    [InlineData("args.number>=5.5", false)]
    [InlineData("args.name=cat", true)]
    [InlineData("args.name>3", false)]
    [InlineData("args.size.width=100", true)]
    [InlineData("args.urls.1=b", true)]
    [InlineData("args.urls.2=b", false)]
    [InlineData("args.nothing=1", false)]
    [InlineData("args.nothing!=1", true)]
    [InlineData("args~\"width\":100", true)]
    public void A_condition_holds_or_not(string condition, bool holds) => Assert.Equal(holds, LetterFilter.Parse(condition).Accepts(Item));

    [Theory]
    [InlineData("")]
    [InlineData("type")]
    [InlineData("colour=red")]
    [InlineData("age>soon")]
    [InlineData("index>many")]
    [InlineData("=5")]
    public void One_that_cannot_be_read_is_refused_with_the_rule(string condition)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => LetterFilter.Parse(condition));
        Assert.Contains(condition, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("number", "7", """{"number":7,"name":"cat","size":{"width":100},"urls":["a","b"],"none":null}""")]
    [InlineData("size.width", "\"wide\"", """{"number":5,"name":"cat","size":{"width":"wide"},"urls":["a","b"],"none":null}""")]
    [InlineData("urls.1", "[]", """{"number":5,"name":"cat","size":{"width":100},"urls":["a",[]],"none":null}""")]
    [InlineData("size.height", "50", """{"number":5,"name":"cat","size":{"width":100,"height":50},"urls":["a","b"],"none":null}""")]
    [InlineData("", "21", "21")]
    public void An_item_is_changed_at_a_place(string path, string value, string changed) =>
        Assert.Equal(changed, JsonPath.Set(Item.Item, path, JsonDocument.Parse(value).RootElement).GetRawText());

    [Theory]
    [InlineData("urls.2")]
    [InlineData("number.more")]
    [InlineData("none.more")]
    public void A_place_that_is_not_there_is_an_error(string path) =>
        Assert.Throws<ArgumentException>(() => JsonPath.Set(Item.Item, path, JsonDocument.Parse("1").RootElement));
}
