using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Microsoft.Extensions.Logging;

namespace Broker.Bus;

/// <summary>What to receive from, and how much at once.</summary>
/// <param name="Queue">The queue; declared if it is not there.</param>
/// <param name="Exchange">The exchange it is bound to.</param>
/// <param name="ExchangeType">That exchange's type.</param>
/// <param name="RoutingKey">The binding's key.</param>
/// <param name="Arguments">The queue's arguments, as everybody declares it.</param>
/// <param name="Prefetch">The most deliveries unacknowledged at once, enforced by the broker: this is the semaphore.</param>
/// <param name="HandleAsync">Returns to acknowledge, throws to return the message to the queue.</param>
/// <param name="Exclusive">Whether the queue belongs to this connection and goes with it.</param>
internal sealed record Subscription(
    string Queue,
    string Exchange,
    string ExchangeType,
    string RoutingKey,
    IReadOnlyDictionary<string, object?> Arguments,
    ushort Prefetch,
    Func<Delivery, Task> HandleAsync,
    bool Exclusive = false);

/// <summary>Consumes, on a connection that only consumes, and reconnects by itself after the broker was away.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly IBusControl _bus;

    private Receiver(IBusControl bus) => _bus = bus;

    /// <summary>Starts consuming; returns when the broker has accepted every subscription.</summary>
    /// <param name="drain">How long a stop lets deliveries be finished before they are told that their connection is lost.</param>
    public static async Task<Receiver> StartAsync(
        BrokerAddress address,
        string connectionName,
        ILoggerFactory logs,
        TimeSpan drain,
        IReadOnlyCollection<Subscription> subscriptions,
        CancellationToken cancellationToken = default)
    {
        var bus = BusFactory.Create(address, connectionName, logs, drain, configuration =>
        {
            foreach (var subscription in subscriptions)
                Subscribe(configuration, subscription);
        });
        try
        {
            await bus.StartAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, address);
        }

        return new Receiver(bus);
    }

    /// <summary>Takes no more deliveries, waits for those being handled for as long as <paramref name="drain"/> allows, then lets go of the connection.</summary>
    public async Task StopAsync(CancellationToken drain)
    {
        try
        {
            await _bus.StopAsync(drain);
        }
        catch (OperationCanceledException) when (drain.IsCancellationRequested)
        {
            // The drain time is over: the broker returns what is unacknowledged when the connection closes.
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await StopAsync(now.Token);
    }

    private static void Subscribe(RabbitMqBusConfiguration configuration, Subscription subscription)
    {
        var endpoint = configuration.CreateEndpointConfiguration(isBusEndpoint: false);
        // The bus would make an exchange of its own for every queue, which nobody removes when the queue expires.
        var settings = new RabbitMqReceiveSettings(endpoint, subscription.Queue, subscription.ExchangeType, durable: true, autoDelete: false)
        {
            ExchangeName = subscription.Exchange,
            RoutingKey = subscription.RoutingKey,
            Exclusive = subscription.Exclusive,
            PrefetchCount = subscription.Prefetch,
        };
        foreach (var (name, value) in subscription.Arguments)
            settings.SetQueueArgument(name, value);

        configuration.HostConfiguration.CreateReceiveEndpointConfiguration(settings, endpoint, configurator =>
        {
            configurator.ConfigureConsumeTopology = false;
            configurator.PublishFaults = false;
            configurator.ConcurrentMessageLimit = subscription.Prefetch;
            // A fault returns the delivery; the bus's own `_error` and `_skipped` queues would hide it where nobody looks.
            configurator.RethrowFaultedMessages();
            configurator.DiscardSkippedMessages();
            configurator.ConfigureReceive(pipe => pipe.UseFilter(new TakeDelivery(subscription.HandleAsync)));
        });
    }

    /// <summary>Takes the delivery before the bus would look into its body.</summary>
    private sealed class TakeDelivery(Func<Delivery, Task> handleAsync) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => handleAsync(new Delivery(context));

        public void Probe(ProbeContext context) => context.CreateFilterScope("delivery");
    }
}
