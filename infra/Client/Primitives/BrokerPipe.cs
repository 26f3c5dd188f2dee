using System.IO.Pipes;
using System.Text.Json;
using Broker.Connection;
using Broker.Primitives.Queues;

namespace Broker.Primitives;

/// <summary>A connection of two: whoever opens its ends first, in any two processes or in one.</summary>
/// <typeparam name="T">Written as JSON, as jobs are, with at most 8 MiB.</typeparam>
public sealed class BrokerPipe<T>
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly QueueTransport _transport;
    private readonly JsonSerializerOptions _json;

    internal BrokerPipe(QueueTransport transport, JsonSerializerOptions json, string name) => (_transport, _json, Name) = (transport, json, name);

    public string Name { get; }

    /// <summary>Opens the end that is free, and waits for the other to be opened.</summary>
    /// <param name="direction">What this end does: <see cref="PipeDirection.In"/> only receives, <see cref="PipeDirection.Out"/> only sends.</param>
    /// <param name="timeout">Null waits for ever.</param>
    /// <exception cref="TimeoutException">Both ends were in use for that time, or nobody opened the other.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public Task<BrokerPipeEnd<T>> OpenAsync(PipeDirection direction = PipeDirection.InOut, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return OpenEndAsync(direction, timeout, cancellationToken);
    }

    private async Task<BrokerPipeEnd<T>> OpenEndAsync(PipeDirection direction, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        PipeSession? session = null;
        try
        {
            // The broker tells nobody that an end has become free.
            while ((session = await TakeAsync(limit.Token)) is null)
                await Task.Delay(RetryDelay, limit.Token);
            await session.Connected.WaitAsync(limit.Token);
            return new BrokerPipeEnd<T>(session, direction, _json, Name);
        }
        catch (Exception e)
        {
            if (session is not null)
                await session.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException(session is null ? $"both ends of the pipe '{Name}' are in use" : $"nobody opened the other end of the pipe '{Name}' within {timeout}", e);
            throw;
        }
    }

    private async Task<PipeSession?> TakeAsync(CancellationToken cancellationToken) =>
        await PipeSession.TryOpenAsync(_transport, Name, 0, cancellationToken) ?? await PipeSession.TryOpenAsync(_transport, Name, 1, cancellationToken);
}
