namespace Broker.Hosting.Deliveries;

/// <summary>Lets jobs run side by side, or one alone: a job suspected of ending its process must not take others with it.</summary>
internal sealed class ExclusiveGate : IDisposable
{
    /// <summary>The time in which deliveries that came together with a suspect are requeued, before it runs and perhaps takes the process along.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _turnstile = new(1, 1);
    private readonly Lock _lock = new();
    private int _inside;
    private TaskCompletionSource? _empty;

    /// <summary>Whether somebody runs alone, or waits to.</summary>
    public bool IsClaimed => _turnstile.CurrentCount == 0;

    /// <summary>Enters beside others, or alone after those inside have left. The result lets the next in when disposed.</summary>
    public async Task<IDisposable> EnterAsync(bool alone, CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        if (!alone)
        {
            lock (_lock)
                _inside++;
            _turnstile.Release();
            return new Leaving(Leave);
        }

        try
        {
            await Task.Delay(Settle, cancellationToken);
            await EmptyAsync().WaitAsync(cancellationToken);
        }
        catch
        {
            _turnstile.Release();
            throw;
        }

        return new Leaving(() => _turnstile.Release());
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
