using Broker.Connection;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Primitives.Log;

/// <summary>
/// The two connections of a process's primitives, made when they are first needed. What is held, and what is read, is on one that never publishes: under an alarm RabbitMQ stops reading
/// from those that do, and a hold could not be released.
/// </summary>
internal sealed class PrimitiveLink(BrokerAddress address, string name, ILogger log) : IAsyncDisposable
{
    /// <summary>
    /// RabbitMQ ends a connection from which it has heard nothing for two to three of these, and its holds are then free: so long another may wait for the lock of a machine that vanished.
    /// </summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private Task<BrokerConnection>? _holding;
    private Task<BrokerConnection>? _publishing;

    /// <summary>Why there is no connection yet.</summary>
    public string? Cause { get; private set; }

    /// <summary>That on which nothing is published; waits for the broker.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us.</exception>
    public Task<BrokerConnection> HoldingAsync(CancellationToken cancellationToken) => OpenAsync(ref _holding, "hold").WaitAsync(cancellationToken);

    /// <summary>That on which is published; waits for the broker.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us.</exception>
    public Task<BrokerConnection> PublishingAsync(CancellationToken cancellationToken) => OpenAsync(ref _publishing, "append").WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(CloseAsync(_holding), CloseAsync(_publishing));
    }

    private static async Task CloseAsync(Task<BrokerConnection>? opening)
    {
        if (opening is null)
            return;
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
            await (await opening).DisposeAsync();
    }

    private Task<BrokerConnection> OpenAsync(ref Task<BrokerConnection>? connection, string purpose)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
            // Refused once, it is tried anew: a password may have been put right.
            if (connection is null or { IsFaulted: true })
                connection = Task.Run(() => BrokerConnection.OpenWhenThereAsync(address.With(Heartbeat), $"{name} {purpose}", OnWaiting, _closed.Token));
            return connection;
        }
    }

    private void OnWaiting(string cause)
    {
        Cause = cause;
        log.LogWarning(EventActions.BrokerWaiting, "waiting for the broker: {Cause}", cause);
    }
}
