using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>One call that waits for no outcome: it ends when the broker has confirmed every job.</summary>
internal static class Publishing
{
    /// <summary>How many jobs may wait for their confirmation at once, unless the caller says otherwise.</summary>
    private const int Unconfirmed = 1000;

    /// <returns>How many items there were.</returns>
    public static async Task<long> RunAsync(
        RunJob template,
        IItemReader items,
        bool firstIsRead,
        BatchOptions options,
        Func<RunJob, byte[], CancellationToken, Task> sendAsync,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var window = new InFlightWindow(options.InFlight ?? Unconfirmed);
        var (sending, keep) = (new List<Task>(), Unconfirmed);
        var feed = new JobFeed(template, window, new ChunkSizer(options.Chunk ?? 1, options.ExpectedItems), SendAsync);
        try
        {
            await feed.RunAsync(items, firstIsRead, Track, stop.Token);
        }
        finally
        {
            // What ended it is told by the sender that failed, if one did.
            await Task.WhenAll(sending);
        }

        return feed.Sent;

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
            // Not with each job: that would go through all that wait, for each.
            if (sending.Count >= keep)
            {
                sending.RemoveAll(done => done.IsCompletedSuccessfully);
                keep = Math.Max(Unconfirmed, 2 * sending.Count);
            }

            sending.Add(task);
        }
    }
}
