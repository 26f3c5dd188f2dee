using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>Opens a pool's link when it is first used, and goes on trying for as long as the broker is away.</summary>
internal sealed class BrokerJobLink : IJobLink
{
    private readonly ClientSettings _settings;
    private readonly OpenBatches _batches;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closed = new();
    private readonly Once<PoolLink> _link;
    private PoolLink? _opened;
    private bool _lazy = true;
    private volatile string? _cause;
    private int _saidWithoutPriorities;

    public BrokerJobLink(ClientSettings settings, OpenBatches batches)
    {
        _settings = settings;
        _batches = batches;
        _log = settings.Logs.CreateLogger<JobPool>();
        _link = new Once<PoolLink>(OpenAsync);
    }

    /// <summary>The link of a pool that has connected.</summary>
    public PoolLink Opened => Volatile.Read(ref _opened) ?? throw new InvalidOperationException("the pool has not connected yet");

    /// <summary>Connects at once, or not at all.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, or refuses us.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _lazy = false;
        await _link.GetAsync().WaitAsync(cancellationToken);
    }

    /// <summary>The link, opened when it is first needed.</summary>
    /// <param name="timeout">How long to wait while the broker is away.</param>
    /// <param name="cancellationToken">Ends the waiting, not the attempt.</param>
    /// <exception cref="BrokerUnavailableException">The broker was away for so long, or refuses us.</exception>
    public async Task<PoolLink> GetAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _opened) is { } opened)
            return opened;
        try
        {
            return await _link.GetAsync().WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw _cause is { } cause ? new BrokerUnavailableException(cause, e) : BrokerUnavailableException.From(e, _settings.Address);
        }
    }

    public async Task<JobRoute> PrepareAsync(string kind, bool receive, bool prioritized, CallEnd end)
    {
        var opened = await GetAsync(end.RemainingTimeout, end.Token);
        await opened.PrepareAsync(kind, receive, end.RemainingTimeout, end.Token);
        if (prioritized && opened.Connection.Server is { HasPriorities: false } server && Interlocked.Exchange(ref _saidWithoutPriorities, 1) == 0)
        {
            var notice = $"the broker, {server.Text}, has no priorities on quorum queues: jobs run in the order they came";
            // Whoever takes notices shows them; nobody needs the line twice.
            _log.Log(_settings.OnNotice is null ? LogLevel.Warning : LogLevel.Information, "{Notice}", notice);
            _settings.OnNotice?.Invoke(notice);
        }

        return new JobRoute(receive ? () => opened.ClientId : static () => null, opened.SendJobAsync, opened.Fleet, opened.Watch);
    }

    public async Task AnnounceAsync(BatchDetached batch, CancellationToken cancellationToken) =>
        await (await GetAsync(MessageSender.Deadline, cancellationToken)).AnnounceAsync(batch, cancellationToken);

    public async Task CancelAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        await (await GetAsync(MessageSender.Deadline, cancellationToken)).CancelJobsAsync(ids, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        if (_link.Started is not { } opening)
            return;
        await Task.WhenAny(opening);
        if (_opened is { } opened)
            await opened.DisposeAsync();
    }

    private async Task<PoolLink> OpenAsync()
    {
        // A bus takes about as long to be built as the first connection to be made. That connection tells what is wrong, if anything is:
        // the bus would go on trying in silence.
        var building = Task.Run(() => MessageSender.Create(_settings.Address, $"{_settings.Name} send", _settings.Logs), CancellationToken.None);
        var name = $"{_settings.Name} control";
        var connection = _lazy
            ? await BrokerConnection.OpenWhenThereAsync(_settings.Address, name, OnWaiting, _closed.Token)
            : await BrokerConnection.OpenAsync(_settings.Address, name, _closed.Token);
        try
        {
            return _opened = new PoolLink(_settings, connection, await building, _batches);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private void OnWaiting(string cause)
    {
        _cause = cause;
        _log.LogWarning(EventActions.BrokerWaiting, "waiting for the broker: {Cause}", cause);
        _settings.OnNotice?.Invoke($"{cause}; waiting for it");
    }
}
