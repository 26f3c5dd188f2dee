namespace Broker.Connection;

/// <summary>Bounds what the client library makes. Its own time limits leave gaps, and its calls do not all end when their token is cancelled.</summary>
internal static class Abandonment
{
    /// <summary>Waits for a connection or channel; one that comes after we have stopped waiting is disposed of, so that it does not stay open unseen.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="limit"/>.</exception>
    public static async Task<T> WithinAsync<T>(this Task<T> making, TimeSpan limit, CancellationToken cancellationToken)
        where T : IAsyncDisposable
    {
        try
        {
            return await making.WaitAsync(limit, cancellationToken);
        }
        catch when (!making.IsCompleted || making.IsCompletedSuccessfully)
        {
            _ = making.ContinueWith(
                static late => late.Result.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }
}
