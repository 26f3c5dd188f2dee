using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_the_broker_is_lost_while_a_consumer_starts
{
    [Fact]
    public async Task The_consumer_goes_on_when_it_is_back()
    {
        // The connection stands, and is lost when the first declaration is sent.
        using var front = new BrokerFront(cutAt: System.Text.Encoding.ASCII.GetBytes(Names.ControlExchange));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddBroker(options => options.Url = front.Url);
        builder.Services.AddBrokerConsumer().AddHandler<EchoHandler>();
        using var host = builder.Build();
        await host.StartAsync();
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        Assert.Equal(7, await pool.CallAsync(new Echo(7)).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.NotEqual(0, front.Cuts);
        await host.StopAsync();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Echo.Kind]);
    }
}
