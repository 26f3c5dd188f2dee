using System.Net;
using Broker.Consumer.Health;
using Broker.Logging.Events;
using Broker.Logging.Export;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

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

    /// <summary>The lifetime that a host has by itself takes the signals of the whole process, and calls a stop during its start a failure.</summary>
    [Fact]
    public async Task Signals_are_left_to_the_process()
    {
        using var telemetry = ConsumerTelemetry.Start(new TelemetrySettings(new Dictionary<string, string?>()), ProcessFields.OfThisProcess("test"), NullLogger.Instance, scraped: true);
        await using var endpoint = await HealthEndpoint.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), () => true, telemetry);
        Assert.IsNotType<ConsoleLifetime>(((IHost)endpoint).Services.GetRequiredService<IHostLifetime>());
    }
}
