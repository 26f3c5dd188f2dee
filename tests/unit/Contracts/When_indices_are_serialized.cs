using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_indices_are_serialized
{
    public static TheoryData<long[], string> Written => new()
    {
        { [0], "[0]" },
        { [57], "[57]" },
        { [7, 8, 9], "[7]" },
        { [3, 4, 5, 9], "[3,3,9]" },
        { [9, 3, 4], "[9,1,3]" },
        { [1, 3, 5], "[1,1,3,1,5]" },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void Consecutive_indices_are_written_as_one_or_two_numbers(long[] indices, string json)
    {
        var written = ItemIndices.Of(indices);
        Assert.Equal(json, JsonSerializer.Serialize(written));
        var read = JsonSerializer.Deserialize<ItemIndices>(json)!;
        Assert.Equal(indices, Enumerable.Range(0, indices.Length).Select(offset => read[offset]));
        Assert.Equal(written, read);
    }

    [Fact]
    public void A_subset_of_items_keeps_its_indices()
    {
        var chunk = ItemIndices.Of([10, 11, 12, 20, 21]);
        Assert.Equal("[11,2,21]", JsonSerializer.Serialize(chunk.At([1, 2, 4])));
        Assert.Equal("[12,1,20]", JsonSerializer.Serialize(chunk.Skip(2)));
        Assert.Equal("[21]", JsonSerializer.Serialize(chunk.Skip(4)));
        Assert.Equal([(10, 3), (20, 2)], chunk.Runs(5));
        Assert.Equal([(10, 2)], chunk.Runs(2));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[-1]")]
    [InlineData("[1,-2,3]")]
    [InlineData("[\"1\"]")]
    [InlineData("{}")]
    [InlineData("5")]
    public void Invalid_indices_are_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ItemIndices>(json));
}
