namespace Broker.Hosting.Execution;

/// <summary>Holds one item to its time. A handler that honours its token ends there; one that does not is left behind after a grace.</summary>
internal static class ItemTimeLimit
{
    /// <summary>What a handler may take to notice that its token is cancelled, before it counts as hung.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <param name="limit">How long the item may run.</param>
    /// <param name="run">Runs it, with the token it has to honour.</param>
    /// <param name="onHung">Called when the handler is left behind: it still holds a thread, and whatever else.</param>
    /// <param name="cancellationToken">Ends it for other reasons than its time.</param>
    /// <exception cref="ItemTimedOutException">Its time was up.</exception>
    public static async Task RunAsync(TimeSpan limit, Func<CancellationToken, Task> run, Action onHung, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(limit);
        // On a thread of its own: a handler that never yields must not keep us from watching it.
        var running = Task.Run(() => run(time.Token), CancellationToken.None);
        try
        {
            await running.WaitAsync(limit + Grace, cancellationToken);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            onHung();
            throw new ItemTimedOutException($"ran longer than {limit.TotalSeconds:0.###} s and ignored its cancellation token for {Grace.TotalSeconds:0} s more");
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ItemTimedOutException($"ran longer than {limit.TotalSeconds:0.###} s");
        }
    }
}
