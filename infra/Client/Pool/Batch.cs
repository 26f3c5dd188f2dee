using System.Runtime.CompilerServices;
using Broker.Bus;
using Broker.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>One call that waits for outcomes: joins what is sent (<see cref="InFlightJobs"/>) to what comes back (<see cref="BatchResults"/>).</summary>
internal sealed class Batch
{
    private static readonly ParallelOptions SentAgainAtOnce = new() { MaxDegreeOfParallelism = 64 };

    private readonly BatchResults _results;
    private readonly InFlightJobs _jobs;
    private readonly InFlightWindow _window;
    private readonly ChunkSizer _sizer;
    private readonly TimeProvider _clock;
    private long _lastSign;
    private readonly ILogger _log;
    private readonly Lock _telling = new();
    private long _delayedUntil;
    private volatile bool _runs;
    private int _left;
    private Func<string?>? _replyTo;
    private Func<RunJob, byte[], Task>? _sendAgainAsync;
    private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Batch(BatchOptions options, ILogger log, TimeProvider? clock = null)
    {
        Options = options;
        _log = log;
        _clock = clock ?? TimeProvider.System;
        _window = new InFlightWindow(options.InFlight);
        _sizer = new ChunkSizer(options.Chunk, options.ExpectedItems);
        _jobs = new InFlightJobs(_window, _clock);
        _results = new BatchResults(log);
        _results.Follow(options.Steering, _jobs.ItemsOf);
        _results.LimitTo(0);
    }

    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>The id of the job with the first item; empty until it is sent.</summary>
    public Guid FirstJobId { get; private set; }

    public BatchOptions Options { get; }

    /// <summary>
    /// Told of a job that was sent again and has all its outcomes: what was sent twice may be there twice, and the copy is not wanted. One that ends its process would be dead-lettered twice.
    /// </summary>
    public Action<Guid>? CopyLeft { get; init; }

    /// <summary>How many items have their outcome.</summary>
    public long Arrived => _results.Answered;

    /// <summary>Ends its caller's interest in it.</summary>
    /// <returns>Whether jobs are left that nobody waits for, at the first call.</returns>
    public bool Leave() => !_jobs.IsEmpty && Interlocked.Exchange(ref _left, 1) == 0;

    /// <summary>When something was last heard of it: an outcome, or the broker's confirmation of a job.</summary>
    public long LastSign => Volatile.Read(ref _lastSign);

    /// <inheritdoc cref="InFlightJobs.Pending"/>
    public IReadOnlyList<PendingJob> Pending => _jobs.Pending;

    /// <inheritdoc cref="InFlightJobs.Oldest"/>
    public long? Oldest => _jobs.Oldest;

    /// <summary>What is known of its only job, as long as that has no outcome.</summary>
    public JobState State => _clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _delayedUntil) ? JobState.Delayed : _runs ? JobState.Running : JobState.Waiting;

    /// <summary>Completes when the broker has confirmed a job of the batch, or a worker has answered one.</summary>
    public Task Confirmed => _confirmed.Task;

    /// <summary>Takes a worker's message. Safe to call from any thread.</summary>
    public void Accept(JobCompleted message)
    {
        Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        _window.Seen(message.Worker.Host, message.Worker.ProcessId, Math.Max(message.Concurrency, 0));
        var fresh = Options.Progress is null ? _results.Accept(message) : AcceptInTurn(message);
        if (fresh.Count == 0)
            return;
        _sizer.Learn(message.Count, message.FinishedAt - message.StartedAt);
        foreach (var copied in fresh.SelectMany(_jobs.Answered))
            CopyLeft?.Invoke(copied);
        _confirmed.TrySetResult();
    }

    /// <summary>Takes a worker's notice that items come later.</summary>
    public void Accept(JobDelayed message)
    {
        Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        _runs = false;
        Interlocked.Exchange(ref _delayedUntil, (_clock.GetUtcNow() + message.Delay).UtcTicks);
        _jobs.Delay(message.Indices.Runs(message.Count), message.Delay);
    }

    /// <summary>Takes a worker's word on how far a job is. Not a sign that counts against silence: other jobs may be lost meanwhile.</summary>
    public void Accept(ReportedJob report)
    {
        if (Options.Progress is not { } progress)
            return;
        lock (_telling)
        {
            if (_results.IsClosed(report.Item.Index))
                return;
            _runs = true;
            try
            {
                progress.Report(new JobProgress(report.BatchId, report.JobId, report.Item.Index, report.Item.Fraction, report.Item.Text));
            }
            catch (Exception e)
            {
                _log.LogWarning(e, "what was to be told of a call's progress failed: {Reason}", e.Message);
            }
        }
    }

    /// <summary>Sends jobs again; completes when the broker has confirmed all.</summary>
    public Task SendAgainAsync(IReadOnlyList<RunJob> jobs)
    {
        return _sendAgainAsync is { } sendAsync ? WatchAsync(Parallel.ForEachAsync(jobs, SentAgainAtOnce, SendAsync)) : Task.CompletedTask;

        async ValueTask SendAsync(RunJob job, CancellationToken unused)
        {
            var again = job with { ReplyTo = _replyTo!() };
            _jobs.SentAgain(job.Indices[0]);
            await sendAsync(again, MessageSender.Write(again, MessageJson.Default.RunJob));
            Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        }
    }

    /// <summary>Ends the batch for its reader with <paramref name="error"/>.</summary>
    public void Fail(Exception error) => _results.Fail(error);

    /// <summary>
    /// Sends the items and yields their outcomes in chunks, in input order or as they come; what the reader of the items throws comes after the outcomes of
    /// those before. When it ends or is left, it stops sending and disposes the reader of the items.
    /// </summary>
    public async IAsyncEnumerable<ItemOutcome[]> RunAsync(
        RunJob template,
        IItemReader items,
        bool firstIsRead,
        bool ordered,
        Func<RunJob, byte[], CancellationToken, Task> sendAsync,
        Func<string?> replyTo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _replyTo = replyTo;
        _sendAgainAsync = (job, body) => sendAsync(job, body, stop.Token);
        var feed = new JobFeed(template, _window, _sizer, SendAsync) { Sending = BeforeSending, Skips = Options.Steering?.Skips is null ? null : Skips, ReplyTo = replyTo };
        var feeding = Task.Run(() => FeedAsync(feed, items, firstIsRead, stop.Token), CancellationToken.None);
        await using var stopWaiting = (Options.Steering?.StopWaiting ?? CancellationToken.None).Register(_results.End);
        try
        {
            await foreach (var chunk in _results.ReadAsync(ordered, stop.Token))
            {
                yield return chunk.Split();
                _window.Taken(chunk.Bytes);
            }
        }
        finally
        {
            _sendAgainAsync = null;
            await stop.CancelAsync();
            await IItemReader.EndAsync(items, feeding);
        }

        // What is fed stays on its way when the feeding stops.
        async Task SendAsync(RunJob job, byte[] body, CancellationToken feedingToken)
        {
            await sendAsync(job, body, stop.Token);
            _jobs.Confirmed(job.Indices[0]);
            Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        }
    }

    /// <summary>Nothing is told of an item's progress once its outcome can be read.</summary>
    private IReadOnlyList<CompletedChunk> AcceptInTurn(JobCompleted message)
    {
        lock (_telling)
            return _results.Accept(message);
    }

    private void BeforeSending(RunJob job, int count, int bytes)
    {
        if (job.Indices[0] == 0)
            FirstJobId = job.JobId;
        _jobs.Add(job, count, bytes);
        _results.LimitTo(job.Indices[count - 1] + 1);
        if (Options.Steering is { } steering)
            steering.Sent += count;
    }

    private bool Skips(long index, ReadOnlyMemory<byte> item)
    {
        if (!Options.Steering!.Skips!(index, item))
            return false;
        _results.Skip(index);
        return true;
    }

    private async Task FeedAsync(JobFeed feed, IItemReader items, bool firstIsRead, CancellationToken cancellationToken)
    {
        var steering = Options.Steering;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, steering?.StopSending ?? CancellationToken.None);
        try
        {
            await feed.RunAsync(items, firstIsRead, sending => _ = WatchAsync(sending), end.Token);
            if (steering is not null)
                steering.AllRead = true;
            await items.DisposeAsync();
            _results.Expect(feed.Sent);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The reader ended the batch and knows why.
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            _results.Expect(feed.Sent);
        }
        catch (Exception e)
        {
            _results.Expect(feed.Sent, e);
        }

        // Whoever works on an outcome may not come back for long; what is read no further is not kept until then.
        await items.DisposeAsync();
    }

    private async Task WatchAsync(Task sending)
    {
        try
        {
            await sending;
            _confirmed.TrySetResult();
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
