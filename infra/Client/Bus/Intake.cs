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

    /// <summary>Handles a delivery. What the broker had delivered before it knew that the intake is closed is handled as long as others are: its handler sends it on.</summary>
    /// <exception cref="OperationCanceledException">The intake is closed and empty; the delivery is requeued.</exception>
    public async Task HandleAsync(string consumerTag, Func<Task> handleAsync)
    {
        var entered = TryEnter(out var late);
        try
        {
            // Perhaps the bus has reconnected since, and consumes again.
            if (late)
                await CancelAsync(consumerTag);
            if (!entered)
                throw new OperationCanceledException("no more deliveries are taken");
            await handleAsync();
        }
        finally
        {
            if (entered)
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

    private bool TryEnter(out bool late)
    {
        lock (_lock)
        {
            late = _closed;
            if (late && _inside == 0)
                return false;
            _inside++;
            return true;
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
