using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Fleet;

namespace Broker.Pool;

/// <summary>The pool of consumers behind one broker.</summary>
/// <example><code>
/// await using var pool = await JobPool.ConnectAsync("amqp://guest:guest@localhost/");
/// long doubled = await pool.CallAsync(new DoubleNumber(21));
/// IReadOnlyList&lt;long&gt; all = await pool.MapAsync(Enumerable.Range(1, 1000).Select(n => new DoubleNumber(n)));
/// </code></example>
public sealed class JobPool : IJobPool, IDisposable
{
    /// <summary>What disposal waits for the broker's confirmation that the jobs of open calls are cancelled.</summary>
    private static readonly TimeSpan DisposalTimeout = TimeSpan.FromSeconds(2);

    private readonly JsonSerializerOptions _json;
    private readonly IJobLink _link;
    private readonly PoolCalls _calls;
    private readonly TypedCalls _typed;
    private readonly OpenCalls _open = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly ClientSettings _settings;
    private readonly Lock _attaching = new();
    private IAsyncDisposable? _attached;

    /// <summary>A pool that connects when it is first used.</summary>
    internal JobPool(ClientSettings settings)
        : this(settings, batches => new BrokerJobLink(settings, batches))
    {
    }

    /// <summary>A pool whose jobs go by a link of another kind.</summary>
    /// <param name="settings">Deadline, JSON, logs.</param>
    /// <param name="linkTo">Makes the link, given what waits for outcomes.</param>
    internal JobPool(ClientSettings settings, Func<OpenBatches, IJobLink> linkTo)
    {
        var log = new BatchLog(settings.Logs);
        var batches = new OpenBatches(log);
        _settings = settings;
        _json = settings.Json;
        _link = linkTo(batches);
        _calls = new PoolCalls(_link, settings, batches, log, _open, _closed.Token);
        _typed = new TypedCalls(_calls, settings, _open);
    }

    /// <summary>What is made when it is first asked for, and ends with the pool: there is one.</summary>
    internal T Attached<T>(Func<ClientSettings, T> make)
        where T : class, IAsyncDisposable
    {
        lock (_attaching)
        {
            ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
            return (T)(_attached ??= make(_settings));
        }
    }

    /// <summary>Asks consumers and looks at queues, once the pool has connected.</summary>
    internal FleetClient Fleet => ((BrokerJobLink)_link).Opened.Fleet;

    /// <summary>Routing key of everything that is meant for this pool, once it has connected.</summary>
    internal string ClientId => ((BrokerJobLink)_link).Opened.ClientId;

    /// <summary>Connects to a broker. From then on the pool reconnects by itself: a batch under way loses nothing and gets nothing twice.</summary>
    /// <param name="url">As <see cref="BrokerOptions.Url"/>.</param>
    /// <param name="options">Everything else; null for the defaults. Their <see cref="BrokerOptions.Url"/> is not used.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidConfigurationException"><paramref name="url"/> is no broker address, or an option cannot be used.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is away, or refuses us.</exception>
    public static Task<JobPool> ConnectAsync(string url, BrokerOptions? options = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(ClientSettings.AddressOf(options ?? new BrokerOptions(), url, "the broker address"), options, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, BrokerOptions?, CancellationToken)"/>
    internal static async Task<JobPool> ConnectAsync(BrokerAddress address, BrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var pool = new JobPool(ClientSettings.Of(options ?? new BrokerOptions(), address));
        try
        {
            await ((BrokerJobLink)pool._link).ConnectAsync(cancellationToken);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    public Task<TResult> CallAsync<TResult>(IJob<TResult> job, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(job, options).ResultAsync(cancellationToken);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(IJob<TResult> job, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(job, options).SubmitAsync(cancellationToken);

    public Task<IReadOnlyList<TResult>> MapAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).ListAsync(cancellationToken);

    public Task<IReadOnlyList<TResult>> MapAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).ListAsync(cancellationToken);

    public IAsyncEnumerable<TResult> StreamAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).ResultsAsync(cancellationToken);

    public IAsyncEnumerable<TResult> StreamAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).ResultsAsync(cancellationToken);

    public IAsyncEnumerable<JobOutcome<TResult>> WhenEachAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).OutcomesAsync(cancellationToken);

    public IAsyncEnumerable<JobOutcome<TResult>> WhenEachAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options).OutcomesAsync(cancellationToken);

    public Task<PublishedBatch> PublishAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options, waits: false).PublishAsync(detached: false, cancellationToken);

    public Task<PublishedBatch> PublishAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options, waits: false).PublishAsync(detached: false, cancellationToken);

    public Task<PublishedBatch> DetachAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options, waits: false).PublishAsync(detached: true, cancellationToken);

    public Task<PublishedBatch> DetachAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        _typed.Of(jobs, options, waits: false).PublishAsync(detached: true, cancellationToken);

    public IAsyncEnumerable<JobOutcome<TResult>> CollectAsync<TResult>(Guid batchId, CollectOptions? options = null, CancellationToken cancellationToken = default) =>
        new ResultReader<TResult>(_json).OutcomesAsync(Collect(batchId, options ?? new CollectOptions()).ReadAsync(cancellationToken));

    /// <summary>One collection of a detached batch, on outcomes as JSON.</summary>
    /// <exception cref="NotSupportedException">The pool runs its jobs in this process.</exception>
    internal Collection Collect(Guid batchId, CollectOptions options)
    {
        _open.ThrowIfShut();
        var link = _link as BrokerJobLink ?? throw new NotSupportedException("jobs that run in this process cannot be detached");
        return new Collection(async end => (await link.GetAsync(end.RemainingTimeout, end.Token)).StreamOf(batchId).ReadAsync, _open, batchId, options.Validated(), _closed.Token);
    }

    /// <summary>The items of a kind that were given up: to be looked at, run again or removed.</summary>
    /// <exception cref="ArgumentException">It cannot be a kind.</exception>
    /// <exception cref="NotSupportedException">The pool runs its jobs in this process.</exception>
    public DeadLetterQueue DeadLetters(string kind)
    {
        var link = LinkOf(kind, "jobs that run in this process are not dead-lettered");
        return new DeadLetterQueue(kind, async token => (await link.GetAsync(MessageSender.Deadline, token)).Connection);
    }

    /// <summary>
    /// Removes for good the jobs of a kind that are ready on its queue. Those that consumers hold and those that wait for a retry stay. For jobs that no caller waits
    /// for: a caller finds its jobs neither queued nor running after some seconds, and sends them again.
    /// </summary>
    /// <returns>How many jobs; a chunk of items is one. 0 where the kind has no queue.</returns>
    /// <exception cref="ArgumentException">It cannot be a kind.</exception>
    /// <exception cref="NotSupportedException">The pool runs its jobs in this process.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is away, or refuses.</exception>
    public async Task<long> PurgeAsync(string kind, CancellationToken cancellationToken = default)
    {
        var link = await LinkOf(kind, "jobs that run in this process are not queued").GetAsync(MessageSender.Deadline, cancellationToken);
        return await link.Topology.PurgeJobsAsync(kind, cancellationToken) ?? 0;
    }

    /// <summary>Items of any kind as JSON in UTF-8, outcomes likewise. Each item's bytes are read before the next is asked for, so a source may reuse its buffer.</summary>
    internal IAsyncEnumerable<ItemOutcome> RunAsync(
        string kind, IAsyncEnumerable<ReadOnlyMemory<byte>> items, BatchOptions? options = null, bool ordered = true, CancellationToken cancellationToken = default) =>
        _calls.RunAsync(_calls.NewBatch(_typed.Checked(options)), Raw(kind, items), ordered, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Publishes items of any kind as JSON in UTF-8.</summary>
    internal Task<PublishedBatch> PublishAsync(string kind, IAsyncEnumerable<ReadOnlyMemory<byte>> items, BatchOptions? options = null, bool detached = false, CancellationToken cancellationToken = default) =>
        _calls.PublishAsync(Raw(kind, items), _typed.Checked(options, waits: false), detached, cancellationToken);

    public Task CancelAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        _open.ThrowIfShut();
        return _calls.CancelAsync([.. ids], cancellationToken);
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _open.Shut();
        await _open.None.WaitAsync(cancellationToken);
        await DisposeAsync();
    }

    public async Task TerminateAsync(CancellationToken cancellationToken = default)
    {
        if (await EndAsync(MessageSender.Deadline, cancellationToken) is not { } error)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw error;
    }

    /// <summary>
    /// Disconnects and removes the pool's results queue. Calls under way end with <see cref="ObjectDisposedException"/>, submitted ones too, and their jobs are cancelled:
    /// waits up to two seconds for the broker to confirm that.
    /// </summary>
    public async ValueTask DisposeAsync() => await EndAsync(DisposalTimeout, CancellationToken.None);

    /// <returns>Why it is not confirmed that the jobs of open calls are cancelled; null where it is.</returns>
    private async Task<BrokerUnavailableException?> EndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _open.Shut();
        if (_closed.IsCancellationRequested)
            return null;
        await _closed.CancelAsync();
        var error = await _calls.EndAsync(timeout, cancellationToken);
        if (_attached is { } attached)
            await attached.DisposeAsync();
        await _link.DisposeAsync();
        return error;
    }

    private BrokerJobLink LinkOf(string kind, string unsupported)
    {
        if (!KindName.IsValid(kind))
            throw new ArgumentException($"'{kind}' cannot be a kind: {KindName.Rule}", nameof(kind));
        return _link as BrokerJobLink ?? throw new NotSupportedException(unsupported);
    }

    private static AsyncItems<ReadOnlyMemory<byte>> Raw(string kind, IAsyncEnumerable<ReadOnlyMemory<byte>> items) => new(items, item => item, () => kind);

    /// <summary>Like <see cref="DisposeAsync"/>, for containers that are disposed synchronously: blocks for two seconds at most.</summary>
#pragma warning disable VSTHRD002 // On a thread of the pool, which has no context to come back to.
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
