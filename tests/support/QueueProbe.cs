using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Tests.Support;

/// <summary>Inspects the broker without the project's own code.</summary>
public sealed class QueueProbe : IAsyncDisposable
{
    private const ushort NotFound = 404;

    private readonly IConnection _connection;

    private QueueProbe(IConnection connection) => _connection = connection;

    public static async Task<QueueProbe> OpenAsync(string? url = null) =>
        new(await new ConnectionFactory { Uri = new Uri(url ?? TestBroker.Require()) }.CreateConnectionAsync());

    /// <summary>Deletes a kind's queues with their messages.</summary>
    public static async Task DeleteKindsAsync(string url, IEnumerable<string> kinds)
    {
        await using var probe = await OpenAsync(url);
        foreach (var kind in kinds)
        {
            await probe.DeleteAsync(Names.JobsQueue(kind));
            await probe.DeleteAsync(Names.SuspectsQueue(kind));
            await probe.DeleteAsync(Names.DeadQueue(kind));
        }
    }

    /// <summary>A separate channel for the test.</summary>
    public Task<IChannel> OpenChannelAsync() => _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    public async Task<bool> ExistsAsync(string queue) => await LookAsync(queue) is not null;

    /// <summary>The queue's ready messages and consumers; null if the queue does not exist.</summary>
    public async Task<QueueDeclareOk?> LookAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
        {
            return null;
        }
    }

    /// <summary>Waits until the queue has this number of consumers; the broker detects the end of one by itself.</summary>
    public async Task WaitForConsumersAsync(string queue, uint consumers)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await LookAsync(queue))?.ConsumerCount != consumers)
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
    }

    /// <summary>Waits for the queue and for a message on it, and takes that.</summary>
    public async Task<ReadOnlyMemory<byte>> TakeAsync(IChannel channel, string queue)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (true)
        {
            // Not from one that is empty: a quorum queue that is being declared is seen before it can be asked for a message.
            if (await LookAsync(queue) is { MessageCount: > 0 } && await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                return message.Body.ToArray();
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    public async Task DeleteAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        await _connection.DisposeAsync();
    }
}
