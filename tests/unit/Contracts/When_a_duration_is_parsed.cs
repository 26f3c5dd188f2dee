using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_a_duration_is_parsed
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2m", 120)]
    [InlineData("2min", 120)]
    [InlineData("1h", 3600)]
    [InlineData("1d", 86400)]
    [InlineData("3", 3)]
    [InlineData(" 3 s ", 3)]
    [InlineData("0", 0)]
    [InlineData("1e2", 100)]
    public void The_unit_of_a_duration_is_applied(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("soon")]
    [InlineData("-1s")]
    [InlineData("1 fortnight")]
    [InlineData("1,5s")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("10001d")]
    [InlineData("1e300")]
    public void An_invalid_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("{\"duration\":0.5}", 0.5)]
    [InlineData("{\"duration\":\"250ms\"}", 0.25)]
    [InlineData("{\"duration\":2}", 2)]
    public void A_JSON_number_is_a_duration_in_seconds(string json, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), JsonSerializer.Deserialize<Sleep>(json, PayloadJson.Options)!.Duration);

    [Theory]
    [InlineData("{\"duration\":true}")]
    [InlineData("{\"duration\":\"soon\"}")]
    [InlineData("{\"duration\":-1}")]
    public void An_invalid_JSON_duration_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Sleep>(json, PayloadJson.Options));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var json = JsonSerializer.Serialize(new Sleep(TimeSpan.FromMilliseconds(1234)), PayloadJson.Options);
        Assert.Equal("{\"duration\":1.234}", json);
        Assert.Equal(TimeSpan.FromMilliseconds(1234), JsonSerializer.Deserialize<Sleep>(json, PayloadJson.Options)!.Duration);
    }
}
