using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>Keeps a pool's results queue consumed, from when that is first needed.</summary>
/// <param name="listen">Consumes a client's queue; ends when the broker has accepted that.</param>
/// <param name="lookAsync">Looks at a client's queue; null where it is gone.</param>
internal sealed class ResultsReceiver(Func<string, Task<IAsyncDisposable>> listen, Func<string, CancellationToken, Task<QueueDepth?>> lookAsync, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The bus starts a receiver whose queue was deleted again by itself.</summary>
    private static readonly TimeSpan DeafTimeout = TimeSpan.FromSeconds(2);

    private volatile Listening _listening = new(listen, NewClientId());
    private long? _deafSince;
    private bool _moved;

    /// <summary>Routing key of everything that is meant for this pool.</summary>
    public string ClientId => _listening.ClientId;

    public Task ListenAsync() => _listening.Receiver.GetAsync();

    /// <summary>
    /// Looks whether the broker has us as a consumer of the results queue. Where it has not for two seconds, the receiver is started again, and where that
    /// fails too, with a new queue: the node of the old one is away. One look at a time.
    /// </summary>
    public async Task<InboxState> LookAsync(CancellationToken cancellationToken)
    {
        if (await lookAsync(ClientId, cancellationToken) is { Consumers: > 0 })
        {
            _deafSince = null;
            if (!_moved)
                return InboxState.Listening;
            _moved = false;
            return InboxState.Moved;
        }

        _deafSince ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_deafSince.Value) >= DeafTimeout)
        {
            await StartAgainAsync(cancellationToken);
            _deafSince = null;
        }

        return InboxState.Unknown;
    }

    /// <summary>Stops listening; false where nothing ever listened.</summary>
    public async Task<bool> StopAsync()
    {
        if (_listening.Receiver.Started is not { } starting)
            return false;
        await (await starting).DisposeAsync();
        return true;
    }

    private static string NewClientId() => Guid.CreateVersion7().ToString("N");

    private async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        var old = _listening;
        log.LogWarning("nothing consumes the results queue of this pool: the receiver is started again");
        var again = new Listening(listen, old.ClientId);
        try
        {
            await again.Receiver.GetAsync().WaitAsync(StartTimeout, clock, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Leave(again);
            // Throws where the broker is away: then its queue is not to blame.
            await lookAsync(old.ClientId, cancellationToken);
            log.LogWarning(e, "the results queue of this pool cannot be used and is replaced");
            again = new Listening(listen, NewClientId());
            _moved = true;
        }

        _listening = again;
        Leave(old);
        await again.Receiver.GetAsync().WaitAsync(StartTimeout, clock, cancellationToken);
    }

    /// <summary>Not waited for: a receiver that is stuck may not let itself be stopped.</summary>
    private static void Leave(Listening left) => _ = left.Receiver.Started?.ContinueWith(
        static async started => await (started.IsCompletedSuccessfully ? (await started).DisposeAsync() : ValueTask.CompletedTask),
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private sealed class Listening(Func<string, Task<IAsyncDisposable>> listen, string clientId)
    {
        public string ClientId => clientId;

        public Once<IAsyncDisposable> Receiver { get; } = new(() => listen(clientId));
    }
}
