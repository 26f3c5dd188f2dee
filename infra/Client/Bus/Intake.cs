using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Broker.Bus;

/// <summary>
/// What a receiver takes off the broker, until it is closed. The bus on its own would let the broker deliver until the last handler has ended, and then drop
/// what came, which counts as a redelivery of each.
/// </summary>
internal sealed class Intake
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, ChannelContext> _channels = [];
    private int _inside;
    private bool _closed;

    /// <summary>Completes when the intake is closed and the last delivery is handled.</summary>
    public Task Idle => _idle.Task;

    /// <summary>Remembers the channel on which this consumer consumes.</summary>
    public IFilter<ChannelContext> Watch(string consumerTag) => new Watching(this, consumerTag);

    /// <summary>Handles a delivery.</summary>
    /// <exception cref="OperationCanceledException">The intake is closed; the delivery is requeued.</exception>
    public async Task HandleAsync(string consumerTag, Func<Task> handleAsync)
    {
        if (!TryEnter())
        {
            // The bus has reconnected since.
            await CancelAsync(consumerTag);
            throw new OperationCanceledException("no more deliveries are taken");
        }

        try
        {
            await handleAsync();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Has the broker deliver no more; what was delivered can still be acknowledged.</summary>
    public async Task CloseAsync()
    {
        string[] consumers;
        lock (_lock)
        {
            _closed = true;
            if (_inside == 0)
                _idle.TrySetResult();
            consumers = [.. _channels.Keys];
        }

        foreach (var consumer in consumers)
            await CancelAsync(consumer);
    }

    /// <summary>Closes the channel of a consumer, so that the bus declares its queue again and consumes anew.</summary>
    public async Task RenewAsync(string consumerTag)
    {
        ChannelContext? channel;
        lock (_lock)
            channel = _channels.GetValueOrDefault(consumerTag);
        if (channel is { Channel.IsOpen: true })
            await channel.Channel.CloseAsync(Constants.ReplySuccess, "consumes anew", abort: false);
    }

    private bool TryEnter()
    {
        lock (_lock)
        {
            if (!_closed)
                _inside++;
            return !_closed;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0 && _closed)
                _idle.TrySetResult();
        }
    }

    private async Task CancelAsync(string consumerTag)
    {
        ChannelContext? channel;
        lock (_lock)
            channel = _channels.GetValueOrDefault(consumerTag);
        // Without waiting for the answer: with it the bus would take its consumer for ended, and cancel the handlers.
        if (channel is { Channel.IsOpen: true })
            await channel.Channel.BasicCancelAsync(consumerTag, noWait: true).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed class Watching(Intake intake, string consumerTag) : IFilter<ChannelContext>
    {
        public Task Send(ChannelContext context, IPipe<ChannelContext> next)
        {
            lock (intake._lock)
                intake._channels[consumerTag] = context;
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("intake");
    }
}
