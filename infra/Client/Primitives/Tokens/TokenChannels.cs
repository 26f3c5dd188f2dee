using System.Collections.Concurrent;
using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>Channels for permits, on the connection that never publishes. Some that are done with are kept: opening one takes as long as acquiring a lock.</summary>
internal sealed class TokenChannels(PrimitiveLink link) : IAsyncDisposable
{
    private const int MaxIdle = 16;

    /// <summary>The last returned is taken first: on it the broker has seen the return of its permit before it sees the next request.</summary>
    private readonly ConcurrentStack<TokenChannel> _idle = new();
    private int _disposed;

    /// <exception cref="BrokerUnavailableException">The connection is down, or the broker does not answer.</exception>
    public async Task<TokenChannel> RentAsync(CancellationToken cancellationToken)
    {
        while (_idle.TryPop(out var idle))
        {
            if (idle.IsOpen)
                return idle;
            await idle.DisposeAsync();
        }

        var connection = await link.HoldingAsync(cancellationToken);
        return new TokenChannel(await connection.OpenChannelAsync(confirms: false, cancellationToken), connection.Address);
    }

    /// <summary>Takes one back on which nothing is unacknowledged, consumed or awaited any more.</summary>
    public async ValueTask ReturnAsync(TokenChannel channel)
    {
        if (channel.IsOpen && _idle.Count < MaxIdle)
            _idle.Push(channel);
        else
            await channel.DisposeAsync();
        if (Volatile.Read(ref _disposed) == 1)
            await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, 1);
        while (_idle.TryPop(out var idle))
            await idle.DisposeAsync();
    }
}
