using Broker.Connection;
using Broker.Contracts.Messages;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Log;

/// <summary>
/// Appends one client's operations to a stream, each once. A publish whose confirmation is lost may have been stored, or may be stored still; so a new channel begins a new session by a
/// record of its own. When that is read back, what was sent before and was not read is void for all readers, and is sent again under the new session.
/// </summary>
internal sealed class LogWriter(Guid client, Func<CancellationToken, Task<LogSession>> openAsync, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>What its last operations may hold up the end of a process.</summary>
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, PendingOperation> _pending = [];
    private readonly CancellationTokenSource _closed = new();
    private LogSession? _session;
    private Task? _opening;
    private TaskCompletionSource? _begun;
    private int _number;
    private long _operations;

    /// <summary>From where a reader who joins would begin; null until the log has been read.</summary>
    public long? Base { get; set; }

    /// <summary>Why it cannot append at present.</summary>
    public BrokerUnavailableException? Fault { get; private set; }

    /// <summary>Appends an operation; it waits for a channel if need be.</summary>
    public PendingOperation Append(string key, string type, RawJson body, long? fence)
    {
        lock (_lock)
        {
            var operation = new PendingOperation(++_operations, key, type, body, fence, clock.GetUtcNow());
            _pending.Add(operation.Number, operation);
            if (_session is { } session)
                Send(operation, session);
            else
                Open();
            return operation;
        }
    }

    /// <summary>Begins a session, unless there is one; nothing is waited for.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_session is null)
                Open();
        }
    }

    /// <summary>Begins another session, if this operation was sent under the present one.</summary>
    public void Restart(PendingOperation operation)
    {
        LogSession? session;
        lock (_lock)
            session = operation.Session == _number ? _session : null;
        if (session is not null)
            Break(session);
    }

    /// <summary>Gives an operation up: it is not sent again.</summary>
    public void Forget(PendingOperation operation)
    {
        lock (_lock)
            _pending.Remove(operation.Number);
    }

    /// <summary>One of this client's records was read.</summary>
    public void Read(LogRecord record, Folded folded)
    {
        lock (_lock)
        {
            if (folded.Fate == RecordFate.OfEndedSession)
                return;
            if (record.Type == LogRecord.Session && record.SessionNumber == _number)
                _begun?.TrySetResult();
            if (_pending.Remove(record.Number, out var operation))
                operation.Complete(folded);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] last;
        lock (_lock)
            last = [.. _pending.Values.Select(static operation => operation.Read)];
        await Task.WhenAll(last).WaitAsync(ClosingLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closed.CancelAsync();
        Task? opening;
        lock (_lock)
            opening = _opening;
        if (opening is not null)
            await opening;
        LogSession? session;
        lock (_lock)
        {
            session = _session;
            _session = null;
            foreach (var operation in _pending.Values)
                operation.Fail(new ObjectDisposedException(nameof(LogWriter)));
            _pending.Clear();
        }

        if (session is not null)
            await session.CloseAsync();
        _closed.Dispose();
    }

    /// <summary>Under the lock.</summary>
    private void Open()
    {
        if (_opening is null && !_closed.IsCancellationRequested)
            _opening = Task.Run(OpenAsync);
    }

    /// <summary>Under the lock. Sent in the order of their numbers, and their confirmations are not waited for: what is read back has been stored.</summary>
    private void Send(PendingOperation operation, LogSession session)
    {
        var body = operation.Write(client, _number, Base);
        _ = PublishAsync();

        async Task PublishAsync()
        {
            try
            {
                await session.PublishAsync(body);
            }
            catch (Exception e) when (IsOfBroker(e))
            {
                Break(session);
            }
        }
    }

    private void Break(LogSession session)
    {
        lock (_lock)
        {
            if (_session != session)
                return;
            _session = null;
            if (_pending.Count > 0)
                Open();
        }

        _ = session.CloseAsync().AsTask();
    }

    private async Task OpenAsync()
    {
        for (var delay = FirstRetryDelay; !_closed.IsCancellationRequested; delay = delay * 2 < MaxRetryDelay ? delay * 2 : MaxRetryDelay)
        {
            LogSession? session = null;
            try
            {
                session = await openAsync(_closed.Token);
                await BeginAsync(session);
                Fault = null;
                return;
            }
            catch (Exception e) when (IsOfBroker(e))
            {
                if (session is not null)
                    await session.CloseAsync();
                if (e is BrokerUnavailableException unavailable && Refused(unavailable))
                    return;
            }

            await Task.Delay(delay, clock, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task BeginAsync(LogSession session)
    {
        int number;
        Task begun;
        lock (_lock)
        {
            number = ++_number;
            begun = (_begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await session.PublishAsync(new LogRecord { Client = client, SessionNumber = number, At = clock.GetUtcNow(), Type = LogRecord.Session, Base = Base }.Write()).WaitAsync(LogPartition.SilenceTimeout, clock, _closed.Token);
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(session.Lost, _closed.Token))
            await begun.WaitAsync(LogPartition.SilenceTimeout, clock, end.Token);
        lock (_lock)
        {
            _opening = null;
            _session = session;
            foreach (var operation in _pending.Values)
                Send(operation, session);
        }

        // Registered last: where it is lost already, this runs at once.
        session.Lost.UnsafeRegister(_ => Break(session), null);
    }

    /// <summary>Whether trying again is no use: then all who wait are told.</summary>
    private bool Refused(BrokerUnavailableException error)
    {
        lock (_lock)
        {
            Fault = error;
            if (error.CanRetry)
                return false;
            _opening = null;
            foreach (var operation in _pending.Values)
                operation.Fail(error);
            _pending.Clear();
            return true;
        }
    }

    private static bool IsOfBroker(Exception error) =>
        error is BrokerUnavailableException or RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException;
}
