namespace Broker.Hosting.Execution;

/// <summary>Holds one item to its time. A handler that honours its token ends there; one that does not is left behind after a grace.</summary>
/// <param name="limit">How long the item may run.</param>
/// <param name="cancellationToken">Ends it for other reasons than its time.</param>
internal sealed class ItemTimeLimit(TimeSpan limit, CancellationToken cancellationToken)
{
    /// <summary>What a handler may take to notice that its token is cancelled, before it counts as hung.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>A timer allows 49.7 days. No process lives that long with one job.</summary>
    public static readonly TimeSpan MaxTimer = TimeSpan.FromDays(45);

    private readonly TimeSpan _limit = limit < MaxTimer ? limit : MaxTimer;

    private CancellationTokenSource? _time;

    /// <summary>Whether the token was cancelled because the time is up.</summary>
    public bool IsOver => _time is { IsCancellationRequested: true } && !cancellationToken.IsCancellationRequested;

    /// <param name="run">Runs it, with the token it has to honour.</param>
    /// <param name="onHung">Called when the handler is left behind: it still holds a thread, and whatever else.</param>
    /// <exception cref="ItemTimedOutException">Its time was up.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> run, Action onHung)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _time = time;
        time.CancelAfter(_limit);
        // On a thread of its own: a handler that never yields must not keep us from watching it.
        var running = Task.Run(() => run(time.Token), CancellationToken.None);
        try
        {
            // Not ended by the job's token: whether its handler is left behind then is not decided here.
            await running.WaitAsync(_limit + Grace, CancellationToken.None);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            onHung();
            throw new ItemTimedOutException($"ran longer than {_limit.TotalSeconds:0.###} s and ignored its cancellation token for {Grace.TotalSeconds:0} s more");
        }
        catch (OperationCanceledException) when (IsOver)
        {
            throw new ItemTimedOutException($"ran longer than {_limit.TotalSeconds:0.###} s");
        }
    }
}
