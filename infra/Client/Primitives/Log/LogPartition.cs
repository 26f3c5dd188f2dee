using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Log;

/// <summary>One stream of the log as this process reads and writes it. It joins when it is first used, and again after each lost connection.</summary>
internal sealed class LogPartition : IAsyncDisposable
{
    /// <summary>How long an operation waits for a broker that is away.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>
    /// An operation is read back within milliseconds. After a node of a cluster was lost, a channel may be left to which nothing comes, nor a confirmation; others are opened after so long.
    /// </summary>
    public static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RefusedDelay = TimeSpan.FromSeconds(1);

    private readonly LogView _view;
    private readonly LogWriter _writer;
    private readonly LogReader _reader;
    private readonly Func<string?> _whyAway;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _reading;
    private readonly Lock _joining = new();
    private TaskCompletionSource _attached = New();
    private Task? _joined;
    private CancellationTokenSource? _currentReading;

    public LogPartition(Guid client, LogReader reader, Func<CancellationToken, Task<LogSession>> openSessionAsync, OperationCodec codec, Func<string?> whyAway, TimeProvider clock, ILogger log)
    {
        (_reader, _whyAway, _clock, _log) = (reader, whyAway, clock, log);
        _writer = new LogWriter(client, openSessionAsync, clock);
        _view = new LogView(client, codec, _writer, clock);
        _view.Lost += OnLost;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Raised when the log is not what it was.</summary>
    public event Action? WentBack;

    public LogView View => _view;

    /// <summary>Returns when all has been read that was appended before the first call; later calls return at once.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public Task JoinAsync(CancellationToken cancellationToken)
    {
        lock (_joining)
        {
            if (_joined is null or { IsFaulted: true })
                _joined = CatchUpAsync(CancellationToken.None);
            return _joined.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns when all is read that was appended before.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken) => await ApplyAsync("", LogRecord.Marker, default, fence: null, cancellationToken);

    /// <summary>Appends a record and reads it back.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us; says whether the operation may have been applied.</exception>
    public async Task<object?> ApplyAsync(string key, string type, RawJson body, long? fence, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PendingOperation? operation = null;
        try
        {
            using var limit = new CancellationTokenSource(Deadline, _clock);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken, _closed.Token);
            await Volatile.Read(ref _attached).Task.WaitAsync(end.Token);
            operation = _writer.Append(key, type, body, fence);
            var folded = await ReadAsync(operation, end.Token);
            return folded.Fate switch
            {
                RecordFate.Fenced => throw new FencedException($"'{key}' was written by a later holder than that of number {fence}: this hold was lost"),
                RecordFate.Unknown => throw new NotSupportedException($"'{key}' was written by a later version than this process has"),
                _ => folded.Outcome,
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
            throw new BrokerUnavailableException(
                $"{_writer.Fault?.Message ?? _whyAway() ?? "RabbitMQ did not confirm"}: given up after {Deadline.TotalSeconds:0} s; the operation on '{key}' {(operation is { Session: > 0 } ? "may have been applied" : "was not applied")}", e);
        }
        finally
        {
            if (operation is { Read.IsCompleted: false })
                _writer.Forget(operation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _closed.CancelAsync();
        await _reading;
    }

    private async Task<Folded> ReadAsync(PendingOperation operation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await operation.Read.WaitAsync(SilenceTimeout, _clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                _writer.Restart(operation);
                if (_view.Silence >= SilenceTimeout)
                    RestartReading();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            var delay = RetryDelay;
            try
            {
                await ReadOnceAsync();
            }
            catch (BrokerUnavailableException e) when (!e.CanRetry)
            {
                // Told to all who wait, and to those who come; it is tried again for them.
                var told = _attached.Task.IsCompleted ? null : Interlocked.Exchange(ref _attached, New());
                told?.TrySetException(e);
                delay = RefusedDelay;
            }
            catch (Exception e) when (e is BrokerUnavailableException or RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException)
            {
                _log.LogDebug(e, "the log is read again");
            }

            await Task.Delay(delay, _clock, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadOnceAsync()
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        lock (_joining)
            _currentReading = reading;
        try
        {
            await _reader.ReadAsync(_view, _writer.Start, () => _attached.TrySetResult(), reading.Token);
        }
        finally
        {
            lock (_joining)
                _currentReading = null;
        }
    }

    private void RestartReading()
    {
        lock (_joining)
            _ = _currentReading?.CancelAsync();
    }

    private void OnLost(bool wentBack)
    {
        lock (_joining)
            _joined = null;
        if (!wentBack)
            return;
        _log.LogError(EventActions.BrokerLost, "the log of the primitives is not what it was: operations that RabbitMQ had confirmed are gone");
        // Its handlers are not to run under the view's lock.
        _ = Task.Run(() => WentBack?.Invoke());
    }
}
