using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>
/// A pool of processes that may stand on any number of machines: send it items, get every result back. Safe for concurrent use; one
/// pool serves a whole program.
/// </summary>
/// <example><code>
/// await using var pool = await JobPool.ConnectAsync("amqp://guest:guest@localhost/");
/// long doubled = await pool.CallAsync(new DoubleNumber(21));
/// IReadOnlyList&lt;long&gt; all = await pool.MapAsync(Enumerable.Range(1, 1000).Select(n => new DoubleNumber(n)));
/// </code></example>
public sealed class JobPool : IAsyncDisposable
{
    /// <summary>How long a publish tries again while the broker is away. A batch that is waited for tries until its deadline.</summary>
    private static readonly TimeSpan PublishPatience = MessageSender.Deadline;

    private readonly PoolLink _link;
    private readonly JobPoolOptions _options;
    private readonly ProcessIdentity _identity;
    private readonly ILogger _log;
    private readonly BatchLog _batchLog;
    private readonly ConcurrentDictionary<Guid, Batch> _batches;
    private readonly CancellationTokenSource _closed = new();
    private readonly OpenCalls _calls = new();

    private JobPool(PoolLink link, JobPoolOptions options, string name, ConcurrentDictionary<Guid, Batch> batches, BatchLog batchLog)
    {
        _link = link;
        _options = options;
        _batches = batches;
        _batchLog = batchLog;
        _log = options.Logs.CreateLogger<JobPool>();
        _identity = new ProcessIdentity(Environment.MachineName, Environment.ProcessId, name);
    }

    /// <summary>Looks at queues over the pool's connection.</summary>
    internal JobTopology Topology => _link.Topology;

    /// <summary>Connects to a broker. From then on the pool reconnects by itself: a batch under way loses nothing and gets nothing twice.</summary>
    /// <param name="url"><c>amqp://user:password@host:port/vhost</c>.</param>
    /// <param name="options">Name, logs and notices.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidConfigurationException"><paramref name="url"/> is no broker address.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is not there, or refuses us.</exception>
    public static Task<JobPool> ConnectAsync(string url, JobPoolOptions? options = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(BrokerAddress.Parse(url), options, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, JobPoolOptions?, CancellationToken)"/>
    internal static async Task<JobPool> ConnectAsync(BrokerAddress address, JobPoolOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new JobPoolOptions();
        var name = options.Name ?? $"{Environment.MachineName}-{Environment.ProcessId}";
        var batches = new ConcurrentDictionary<Guid, Batch>();
        var log = new BatchLog(options.Logs.CreateLogger<JobPool>());
        var link = await PoolLink.OpenAsync(address, options, name, completed => Sort(batches, completed, log), cancellationToken);
        return new JobPool(link, options, name, batches, log);
    }

    /// <summary>Runs one job and waits for its result.</summary>
    /// <exception cref="JobFailedException">It failed on its consumer.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public Task<TResult> CallAsync<TResult>(IJob<TResult> job, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAloneAsync(new Batch(Alone(options)), job, cancellationToken);

    /// <summary>Sends one job and returns at once; its result comes by the handle.</summary>
    public JobHandle<TResult> Submit<TResult>(IJob<TResult> job, BatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var batch = new Batch(Alone(options));
        return new JobHandle<TResult>(batch.Id, RunAloneAsync(batch, job, cancellationToken));
    }

    /// <summary>Runs all jobs and returns their results in the order of the jobs.</summary>
    /// <exception cref="JobFailedException">The first item, in order, that failed. The others run on; <see cref="CompletedAsync"/> gives every outcome.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public async Task<IReadOnlyList<TResult>> MapAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var results = new List<TResult>();
        if (jobs.TryGetNonEnumeratedCount(out var count))
            options = (options ?? new BatchOptions()) with { ExpectedItems = count };
        await foreach (var result in StreamAsync(jobs, options, cancellationToken))
            results.Add(result);
        return results;
    }

    /// <summary>Like <see cref="MapAsync"/>, lazily: reads jobs only as far as the window allows, yields results in order as they are ready.</summary>
    public async IAsyncEnumerable<TResult> StreamAsync<TResult>(
        IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (kind, items) = JobItems.Of(jobs);
        if (kind is null)
            yield break;
        await foreach (var outcome in RunAsync(kind, items, options, ordered: true, cancellationToken))
            yield return JobItems.Result<TResult>(outcome);
    }

    /// <summary>Runs all jobs, read lazily, and yields each outcome when it comes: results and failures alike.</summary>
    public async IAsyncEnumerable<JobOutcome<TResult>> CompletedAsync<TResult>(
        IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (kind, items) = JobItems.Of(jobs);
        if (kind is null)
            yield break;
        await foreach (var outcome in RunAsync(kind, items, options, ordered: false, cancellationToken))
        {
            yield return outcome.Failure is null
                ? new JobOutcome<TResult>(outcome.Index, JobItems.Result<TResult>(outcome), null, outcome.Run)
                : new JobOutcome<TResult>(outcome.Index, default, outcome.ToException(), outcome.Run);
        }
    }

    /// <summary>
    /// The general form of all of these: items of any kind as UTF-8 JSON, outcomes likewise. Each item's bytes are read before the next is
    /// asked for, so a source may reuse its buffer.
    /// </summary>
    /// <param name="kind">The kind to run.</param>
    /// <param name="items">One JSON value an item.</param>
    /// <param name="options">Chunks, window, time limits.</param>
    /// <param name="ordered">Whether outcomes come in the order of the items.</param>
    /// <param name="cancellationToken">Ends the batch; jobs under way run on, unheard.</param>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    /// <exception cref="MessageTooLargeException">An item is too large for a message.</exception>
    internal IAsyncEnumerable<ItemOutcome> RunAsync(
        string kind,
        IAsyncEnumerable<ReadOnlyMemory<byte>> items,
        BatchOptions? options = null,
        bool ordered = true,
        CancellationToken cancellationToken = default) =>
        RunAsync(new Batch(options ?? new BatchOptions()), kind, items, ordered, cancellationToken);

    /// <summary>Sends items that nobody waits for; returns when the broker has confirmed all.</summary>
    /// <returns>The batch's id, and how many items there were.</returns>
    /// <exception cref="BrokerUnavailableException">The broker was away for longer than 30 seconds. What it confirmed before will run.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    internal async Task<(Guid BatchId, long Items)> PublishAsync(
        string kind, IAsyncEnumerable<ReadOnlyMemory<byte>> items, BatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckKind(kind);
        using var call = _calls.Enter(this);
        options ??= new BatchOptions();
        await _link.PrepareAsync(kind, receive: false, cancellationToken);
        var id = Guid.CreateVersion7();
        using var span = BatchSpan.Start(kind, id);
        var template = Template(kind, id, replyTo: null, options, span);
        _batchLog.Begins(template);
        var count = await PublishedBatch.RunAsync(
            template,
            items,
            options,
            (job, body, token) => SendAsync(job, body, PublishPatience, span, token),
            cancellationToken);
        _batchLog.Published(template, count);
        span.Complete(count);
        return (id, count);
    }

    /// <summary>Asks every live consumer who it is and what it serves; takes a quarter of a second, at most one.</summary>
    internal Task<IReadOnlyList<Pong>> AskFleetAsync(CancellationToken cancellationToken = default) => _link.AskFleetAsync(cancellationToken);

    /// <summary>Has running consumers log at another level for a while. Those that start later are not affected.</summary>
    /// <param name="level">debug, info, warning or error.</param>
    /// <param name="duration">How long; null is until each process ends, or a later change.</param>
    /// <param name="processId">Only processes of this id.</param>
    /// <param name="host">Only processes on this host.</param>
    /// <param name="kind">Only processes that serve this kind.</param>
    internal Task<LogLevelChange> SetLogLevelAsync(
        string level, TimeSpan? duration, int? processId = null, string? host = null, string? kind = null, CancellationToken cancellationToken = default) =>
        _link.SetLogLevelAsync(
            new SetLogLevel { RequestId = Guid.CreateVersion7(), ReplyTo = "", Level = level, Duration = duration, ProcessId = processId, Host = host, Kind = kind },
            cancellationToken);

    /// <summary>Takes no more work, waits for what is under way, and disconnects.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _calls.Shut();
        await _calls.None.WaitAsync(cancellationToken);
        await DisposeAsync();
    }

    /// <summary>Disconnects and removes the pool's results queue. Batches under way end with <see cref="OperationCanceledException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _calls.Shut();
        if (_closed.IsCancellationRequested)
            return;
        await _closed.CancelAsync();
        await _link.DisposeAsync();
    }

    private static BatchOptions Alone(BatchOptions? options) => (options ?? new BatchOptions()) with { Chunk = 1, InFlight = 1 };

    private static void CheckKind(string kind)
    {
        if (!KindName.IsValid(kind))
            throw new ArgumentException($"'{kind}' cannot be a kind: {KindName.Rule}");
    }

    private static void Sort(ConcurrentDictionary<Guid, Batch> batches, JobCompleted completed, BatchLog log)
    {
        log.Answered(completed);
        // An answer to a batch that has ended is nobody's.
        if (batches.TryGetValue(completed.BatchId, out var batch))
            batch.Accept(completed);
    }

    private async Task<TResult> RunAloneAsync<TResult>(Batch batch, IJob<TResult> job, CancellationToken cancellationToken)
    {
        var (kind, items) = JobItems.Of([job]);
        await foreach (var outcome in RunAsync(batch, kind!, items, ordered: true, cancellationToken))
            return JobItems.Result<TResult>(outcome);
        throw new InvalidOperationException("a batch of one item ended without an outcome");
    }

    private async IAsyncEnumerable<ItemOutcome> RunAsync(
        Batch batch, string kind, IAsyncEnumerable<ReadOnlyMemory<byte>> items, bool ordered, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CheckKind(kind);
        using var call = _calls.Enter(this);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        await _link.PrepareAsync(kind, receive: true, ended.Token);
        _batches[batch.Id] = batch;
        using var span = BatchSpan.Start(kind, batch.Id);
        var template = Template(kind, batch.Id, _link.ClientId, batch.Options, span);
        _batchLog.Begins(template);
        var (complete, left) = (false, false);
        var watching = new ServiceWatch(_link, _options.OnNotice, _log).WatchAsync(kind, batch, ended.Token);
        try
        {
            await foreach (var outcome in batch.RunAsync(template, items, ordered, (job, body, token) => SendAsync(job, body, Timeout.InfiniteTimeSpan, span, token), ended.Token))
            {
                // A caller that has what it came for leaves the loop here, and nothing has failed.
                left = true;
                yield return outcome;
                left = false;
            }

            complete = true;
        }
        finally
        {
            _batchLog.Ends(template, batch.Arrived, complete);
            if (complete || left)
                span.Complete(batch.Arrived);
            _batches.TryRemove(batch.Id, out _);
            await ended.CancelAsync();
            await watching;
        }
    }

    private async Task SendAsync(RunJob job, byte[] body, TimeSpan patience, BatchSpan span, CancellationToken cancellationToken)
    {
        await _link.SendJobAsync(job, body, patience, cancellationToken);
        span.Sent(job.JobId);
        _batchLog.Submitted(job, body.Length);
    }

    private RunJob Template(string kind, Guid batchId, string? replyTo, BatchOptions options, BatchSpan span) => new()
    {
        JobId = Guid.Empty,
        Kind = kind,
        Items = default,
        BatchId = batchId,
        Indices = ItemIndices.From(0),
        ReplyTo = replyTo,
        ItemTimeout = options.ItemTimeout,
        ExpiresAt = replyTo is not null && options.Deadline is { } deadline ? DateTimeOffset.UtcNow + deadline : null,
        SubmittedAt = DateTimeOffset.UtcNow,
        SubmittedBy = _identity,
        TraceParent = span.Context.TraceParent,
        TraceState = span.Context.TraceState,
        Baggage = span.Context.Baggage,
    };
}
