using System.Net;
using System.Net.Sockets;
using Broker.Connection;
using Broker.Pool;

namespace Broker.Tests.Integration;

public sealed class When_the_broker_does_not_answer
{
    [Fact]
    public async Task Connecting_to_a_silent_port_is_an_error()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => JobPool.ConnectAsync($"amqp://nobody@127.0.0.1:{port}/").WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains($"no RabbitMQ at 127.0.0.1:{port} (no answer)", error.Message, StringComparison.Ordinal);
    }
}
