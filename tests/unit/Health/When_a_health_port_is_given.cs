using Broker.Consumer.Health;

namespace Broker.Tests.Unit.Health;

public sealed class When_a_health_port_is_given
{
    [Theory]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0:8080", "0.0.0.0:8080")]
    [InlineData("10.0.0.5:1", "10.0.0.5:1")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    [InlineData("*:65535", "[::]:65535")]
    public void Without_an_address_only_this_machine_is_answered(string text, string listened)
    {
        Assert.True(HealthAddress.TryParse(text, out var address));
        Assert.Equal(listened, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData(":8080")]
    [InlineData("::1:8080")]
    [InlineData("localhost:8080")]
    [InlineData("*:")]
    public void What_is_no_port_is_refused(string text) => Assert.False(HealthAddress.TryParse(text, out _));
}
