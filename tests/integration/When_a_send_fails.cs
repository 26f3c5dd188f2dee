using Broker.Bus;
using Broker.Connection;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_send_fails
{
    private readonly string _name = $"sends-{FleetPlan.NewSuffix()}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Others_on_its_route_are_sent_once_and_on_the_same_channel(bool unroutable)
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.ExchangeDeclareAsync(_name, ExchangeType.Direct, durable: true);
        await channel.QueueDeclareAsync(_name, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(_name, _name, _name);
        await using var sender = MessageSender.Create(BrokerAddress.Parse(TestBroker.Require()), _name, NullLoggerFactory.Instance);
        await sender.StartAsync(TestContext.Current.CancellationToken);
        var route = sender.To(_name, ExchangeType.Direct);
        var sending = new List<Task>();
        for (var message = 0; message < 500; message++)
        {
            sending.Add(route.SendAsync("test", _name, Guid.NewGuid(), new byte[100], mandatory: true, CancellationToken.None));
            if (message % 50 != 0)
                continue;
            using var cancel = new CancellationTokenSource();
            var failing = route.SendAsync("test", unroutable ? "nobody" : _name, Guid.NewGuid(), new byte[100], mandatory: unroutable, cancel.Token);
            if (unroutable)
            {
                await Assert.ThrowsAsync<UnroutableException>(() => failing);
                continue;
            }

            await cancel.CancelAsync();
            await failing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await Task.WhenAll(sending).WaitAsync(RunningProgram.DefaultTimeout, TestContext.Current.CancellationToken);
        var seen = new HashSet<string>();
        uint count = 0;
        while (await channel.BasicGetAsync(_name, autoAck: true) is { } got)
        {
            count++;
            seen.Add(got.BasicProperties.MessageId!);
        }

        // A channel closed under them would have had some published twice.
        Assert.Equal(seen.Count, (int)count);
        Assert.InRange((int)count, 500, 510);
        await channel.QueueDeleteAsync(_name);
        await channel.ExchangeDeleteAsync(_name);
    }
}
