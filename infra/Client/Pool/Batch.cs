using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>
/// One call that waits for outcomes. The feed sends jobs; <see cref="Accept"/> takes what comes back, drops what came before, and hands
/// each item's outcome to the caller exactly once.
/// </summary>
internal sealed class Batch
{
    private static readonly TimeSpan FeedPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, PendingJob> _pending = new();
    private readonly Channel<CompletedChunk> _completed = Channel.CreateUnbounded<CompletedChunk>(new UnboundedChannelOptions { SingleReader = true });
    private readonly InFlightWindow _window;
    private readonly ChunkSizer _sizer;
    private long _total = long.MaxValue;
    private long _arrived;

    public Batch(BatchOptions options)
    {
        options.Validate();
        Options = options;
        _window = new InFlightWindow(options.InFlight);
        _sizer = new ChunkSizer(options.Chunk, options.ExpectedItems);
    }

    public Guid Id { get; } = Guid.CreateVersion7();

    public BatchOptions Options { get; }

    /// <summary>How many items have their outcome.</summary>
    public long Arrived => Interlocked.Read(ref _arrived);

    /// <summary>Takes a worker's message. Safe to call from any thread.</summary>
    public void Accept(JobCompleted message)
    {
        _window.Seen(message.Worker.Host, message.Worker.ProcessId, message.Concurrency);
        if (!_pending.TryGetValue(message.JobId, out var job))
            return;
        _sizer.Learn(message.Count, message.FinishedAt - message.StartedAt);
        var run = new JobRun(message.Worker, message.Attempt, message.StartedAt, message.FinishedAt, message.Count);
        var (fresh, complete) = job.Accept(new CompletedChunk(message.Indices[0], message.Count, message.Values.Utf8, message.Failures, run));
        long bytes = 0;
        foreach (var chunk in fresh)
        {
            bytes += chunk.Bytes;
            _window.Arrived(chunk.Bytes);
        }

        if (complete && _pending.TryRemove(message.JobId, out _))
            _window.Left(job.Bytes, bytes);
        foreach (var chunk in fresh)
            _completed.Writer.TryWrite(chunk);
        if (fresh.Count > 0 && Interlocked.Add(ref _arrived, fresh.Sum(chunk => (long)chunk.Count)) >= Interlocked.Read(ref _total))
            _completed.Writer.TryComplete();
    }

    /// <summary>Ends the batch for its reader with <paramref name="error"/>.</summary>
    public void Fail(Exception error) => _completed.Writer.TryComplete(error);

    /// <summary>Sends the items and yields their outcomes, in input order or as they come.</summary>
    /// <exception cref="TimeoutException">The call's deadline passed.</exception>
    public async IAsyncEnumerable<ItemOutcome> RunAsync(
        RunJob template,
        IAsyncEnumerable<ReadOnlyMemory<byte>> items,
        bool ordered,
        Func<RunJob, byte[], CancellationToken, Task> sendAsync,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource();
        if (Options.Deadline is { } limit)
            deadline.CancelAfter(limit);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var feed = new JobFeed(template, _window, _sizer, sendAsync)
        {
            Sending = (jobId, firstIndex, count, bytes) => _pending[jobId] = new PendingJob(firstIndex, count, bytes),
        };
        var feeding = Task.Run(() => FeedAsync(feed, items, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var chunk in InOrder(ordered, deadline, stop.Token))
            {
                foreach (var outcome in chunk.Split())
                    yield return outcome;
                _window.Taken(chunk.Bytes);
            }
        }
        finally
        {
            await stop.CancelAsync();
            // A source that gives nothing and does not listen to its token is left behind.
            await Task.WhenAny(feeding, Task.Delay(FeedPatience, CancellationToken.None));
        }
    }

    private async IAsyncEnumerable<CompletedChunk> InOrder(bool ordered, CancellationTokenSource deadline, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var early = new Dictionary<long, CompletedChunk>();
        long next = 0;
        while (await MoreAsync(deadline, cancellationToken))
        {
            while (_completed.Reader.TryRead(out var chunk))
            {
                if (!ordered)
                {
                    yield return chunk;
                    continue;
                }

                early.Add(chunk.FirstIndex, chunk);
                while (early.Remove(next, out var due))
                {
                    next += due.Count;
                    yield return due;
                }
            }
        }
    }

    private async ValueTask<bool> MoreAsync(CancellationTokenSource deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await _completed.Reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"the deadline of {Options.Deadline!.Value.TotalSeconds:0.###} s passed with {Arrived} items answered", e);
        }
    }

    private async Task FeedAsync(JobFeed feed, IAsyncEnumerable<ReadOnlyMemory<byte>> items, CancellationToken cancellationToken)
    {
        try
        {
            var total = await feed.RunAsync(items, sending => _ = WatchAsync(sending), cancellationToken);
            Interlocked.Exchange(ref _total, total);
            if (Arrived >= total)
                _completed.Writer.TryComplete();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The reader ended the batch and knows why.
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private async Task WatchAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (OperationCanceledException)
        {
            // The reader ended the batch and knows why.
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }
}
