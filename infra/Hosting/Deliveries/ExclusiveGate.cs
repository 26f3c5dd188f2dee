namespace Broker.Hosting.Deliveries;

/// <summary>Lets jobs run side by side, or one alone: a job suspected of ending its process must not take others with it.</summary>
internal sealed class ExclusiveGate : IDisposable
{
    /// <summary>The time in which deliveries that came together with a suspect are requeued, before it runs and perhaps takes the process along.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turnstile = new(1, 1);
    private readonly Lock _lock = new();
    private int _inside;
    private TaskCompletionSource? _empty;

    /// <summary>Whether somebody runs alone, or waits to.</summary>
    public bool IsClaimed => _turnstile.CurrentCount == 0;

    /// <summary>Enters beside others. The result leaves when disposed.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        lock (_lock)
            _inside++;
        _turnstile.Release();
        return new Leaving(Leave);
    }

    /// <summary>Enters alone, after those inside have left. The result lets the next in when disposed.</summary>
    /// <param name="settle"><see cref="Settle"/>, or none where nothing can have been delivered yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IDisposable> EnterAloneAsync(TimeSpan settle, CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(settle, cancellationToken);
            await EmptyAsync().WaitAsync(cancellationToken);
        }
        catch
        {
            _turnstile.Release();
            throw;
        }

        return new Leaving(() => _turnstile.Release());
    }

    /// <summary>
    /// Sends a job on, while nothing runs here if that comes soon: a crash between its sending and its acknowledgement would double it.
    /// </summary>
    public async Task SendOnAsync(Func<Task> sendAsync, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(Soon);
        IDisposable? place = null;
        try
        {
            place = await EnterAloneAsync(TimeSpan.Zero, soon.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What runs here takes longer than a crasher does.
        }

        using (place)
            await sendAsync();
    }

    /// <summary>Requeues a job; nobody runs alone meanwhile.</summary>
    public async Task RequeueAsync(Func<Task> requeueAsync)
    {
        lock (_lock)
            _inside++;
        try
        {
            await requeueAsync();
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose() => _turnstile.Dispose();

    private Task EmptyAsync()
    {
        lock (_lock)
        {
            if (_inside == 0)
                return Task.CompletedTask;
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0)
                _empty?.TrySetResult();
        }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
