using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_a_message_body_is_read
{
    private const string Many = "[1,2,[3,{\"items\":[4]}],\"]\",5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,96,97,98,99,100]";

    [Fact]
    public void Items_that_are_most_of_it_are_not_copied()
    {
        var body = Body(Many);
        var items = MessageBody.Read(body, MessageJson.Default.RunJob)!.Items.Utf8;
        Assert.Equal(Many, Encoding.UTF8.GetString(items.Span));
        Assert.True(MemoryMarshal.TryGetArray(items, out var array) && array.Array == body);
    }

    [Fact]
    public void Items_that_are_little_of_it_do_not_keep_it_in_memory()
    {
        var body = Body("[21]");
        var items = MessageBody.Read(body, MessageJson.Default.RunJob)!.Items.Utf8;
        Assert.Equal("[21]", Encoding.UTF8.GetString(items.Span));
        Assert.True(MemoryMarshal.TryGetArray(items, out var array) && array.Array != body);
    }

    [Theory]
    [InlineData("[1,2")]
    [InlineData("[1,]")]
    [InlineData("[1}")]
    public void Items_that_are_not_JSON_are_refused(string items) =>
        Assert.Throws<JsonException>(() => MessageBody.Read(Body(items), MessageJson.Default.RunJob));

    [Fact]
    public void What_is_read_elsewhere_afterwards_is_a_copy()
    {
        MessageBody.Read(Body(Many), MessageJson.Default.RunJob);
        var other = Body(Many);
        var items = JsonSerializer.Deserialize(other, MessageJson.Default.RunJob)!.Items.Utf8;
        Array.Clear(other);
        Assert.Equal(Many, Encoding.UTF8.GetString(items.Span));
    }

    private static byte[] Body(string items) => Encoding.UTF8.GetBytes(
        $$"""{"jobId":"{{Guid.NewGuid()}}","kind":"k","items":{{items}},"indices":[0],"batchId":"{{Guid.NewGuid()}}","submittedBy":{"host":"h","processId":1,"name":"n"},"submittedAt":"2026-01-02T03:04:05Z"}""");
}
