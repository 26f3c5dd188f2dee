using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>One call that waits for no outcome: it ends when the broker has confirmed every job.</summary>
internal sealed class PublishedBatch
{
    /// <summary>How many jobs may wait for their confirmation at once, unless the caller says otherwise.</summary>
    private const int Unconfirmed = 1000;

    public static async Task<long> RunAsync(
        RunJob template,
        IAsyncEnumerable<ReadOnlyMemory<byte>> items,
        BatchOptions options,
        Func<RunJob, byte[], CancellationToken, Task> sendAsync,
        CancellationToken cancellationToken)
    {
        options.Validate();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (options.Deadline is { } deadline)
            stop.CancelAfter(deadline);
        var window = new InFlightWindow(options.InFlight ?? Unconfirmed);
        var sending = new List<Task>();
        var feed = new JobFeed(template, window, new ChunkSizer(options.Chunk ?? 1, options.ExpectedItems), SendAsync);
        try
        {
            var total = await feed.RunAsync(items, Track, stop.Token);
            await Task.WhenAll(sending);
            return total;
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            // What ended it is told by the sender that failed, if one did.
            await Task.WhenAll(sending.Where(task => task.IsFaulted));
            if (options.Deadline is { } limit && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"the deadline of {limit.TotalSeconds:0.###} s passed before the broker had confirmed all jobs", e);
            throw;
        }

        async Task SendAsync(RunJob job, byte[] body, CancellationToken token)
        {
            try
            {
                await sendAsync(job, body, token);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }

            window.Left(body.Length, 0);
        }

        void Track(Task task)
        {
            sending.RemoveAll(done => done.IsCompletedSuccessfully);
            sending.Add(task);
        }
    }
}
