using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Microsoft.Extensions.Logging;

namespace Broker.Bus;

/// <summary>A queue to consume from.</summary>
/// <param name="Queue">The queue; declared if it does not exist.</param>
/// <param name="Exchange">The exchange it is bound to.</param>
/// <param name="ExchangeType">That exchange's type.</param>
/// <param name="RoutingKey">The binding's key.</param>
/// <param name="Arguments">The queue's arguments; every declaration must use the same.</param>
/// <param name="Prefetch">Maximum unacknowledged deliveries, enforced by the broker: this limits concurrency.</param>
/// <param name="HandleAsync">Returns to acknowledge, throws to requeue.</param>
/// <param name="Exclusive">Whether the queue belongs to this connection and is deleted with it.</param>
internal sealed record Subscription(
    string Queue,
    string Exchange,
    string ExchangeType,
    string RoutingKey,
    IReadOnlyDictionary<string, object?> Arguments,
    ushort Prefetch,
    Func<Delivery, Task> HandleAsync,
    bool Exclusive = false);

/// <summary>Consumes, on a connection that only consumes, and reconnects automatically.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    /// <summary>What the bus may take to send acknowledgements and close its connection.</summary>
    private static readonly TimeSpan BusStopTimeout = TimeSpan.FromSeconds(2);

    private readonly IBusControl _bus;

    private readonly CancellationTokenSource _stopping;

    private readonly Intake _intake;

    private readonly IReadOnlyDictionary<string, string> _consumerTags;

    private Receiver(IBusControl bus, CancellationTokenSource stopping, Intake intake, IReadOnlyDictionary<string, string> consumerTags)
    {
        _bus = bus;
        _stopping = stopping;
        _intake = intake;
        _consumerTags = consumerTags;
    }

    /// <summary>Starts consuming; returns when the broker has accepted every subscription.</summary>
    public static async Task<Receiver> StartAsync(
        BrokerAddress address,
        string connectionName,
        ILoggerFactory logs,
        IReadOnlyCollection<Subscription> subscriptions,
        CancellationToken cancellationToken = default)
    {
        var intake = new Intake();
        // Chosen here, so that a consumer can be cancelled without the bus.
        var consumerTags = subscriptions.ToDictionary(subscription => subscription.Queue, _ => $"{Guid.CreateVersion7():N}");
        var stopping = new CancellationTokenSource();
        var reconnect = new Reconnect(address, connectionName, stopping.Token);
        var bus = BusFactory.Create(address, connectionName, logs, reconnect, configuration =>
        {
            foreach (var subscription in subscriptions)
                Subscribe(configuration, subscription, consumerTags[subscription.Queue], intake);
        });
        try
        {
            await bus.StartAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, address);
        }

        reconnect.Connected();
        return new Receiver(bus, stopping, intake, consumerTags);
    }

    /// <summary>Declares the queue again and consumes anew, about a second later; unacknowledged deliveries of the queue are requeued.</summary>
    public Task ResubscribeAsync(string queue) => _intake.RenewAsync(_consumerTags[queue]);

    /// <summary>
    /// Stops consuming, waits for handlers until <paramref name="drain"/> is cancelled, then closes the connection: the broker requeues what is unacknowledged.
    /// </summary>
    public async Task StopAsync(CancellationToken drain)
    {
        await _intake.CloseAsync();
        await _stopping.CancelAsync();
        await _intake.Idle.WaitAsync(drain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The bus waits for the deliveries that a lost connection left behind as well, and does not always end with its token.
        using var limit = new CancellationTokenSource(BusStopTimeout);
        await _bus.StopAsync(limit.Token).WaitAsync(2 * BusStopTimeout, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(BusStopTimeout);
        await StopAsync(now.Token);
    }

    private static void Subscribe(RabbitMqBusConfiguration configuration, Subscription subscription, string consumerTag, Intake intake)
    {
        var endpoint = configuration.CreateEndpointConfiguration(isBusEndpoint: false);
        // The bus would create an exchange per queue, which nobody deletes when the queue expires.
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
            configurator.OverrideConsumerTag(consumerTag);
            configurator.ConfigureChannel(pipe => pipe.UseFilter(intake.Watch(consumerTag)));
            configurator.ConcurrentMessageLimit = subscription.Prefetch;
            // A fault requeues the delivery; the bus's `_error` and `_skipped` queues would hide it.
            configurator.RethrowFaultedMessages();
            configurator.DiscardSkippedMessages();
            configurator.ConfigureReceive(pipe => pipe.UseFilter(new TakeDelivery(subscription.HandleAsync, consumerTag, intake)));
        });
    }

    /// <summary>Handles the delivery before the bus reads its body.</summary>
    private sealed class TakeDelivery(Func<Delivery, Task> handleAsync, string consumerTag, Intake intake) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => intake.HandleAsync(consumerTag, () => HandleAsync(new Delivery(context)));

        public void Probe(ProbeContext context) => context.CreateFilterScope("delivery");

        private async Task HandleAsync(Delivery delivery)
        {
            foreach (var one in delivery.Parts())
                await handleAsync(one);
        }
    }
}
