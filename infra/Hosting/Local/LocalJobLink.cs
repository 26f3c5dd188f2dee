using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Pool;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Local;

/// <summary>Runs a pool's jobs in this process: what would be the bodies of messages is read and written as it would be there.</summary>
/// <param name="kinds">The kinds that have a handler.</param>
/// <param name="concurrency">How many jobs run at once.</param>
/// <param name="settings">The pool's.</param>
/// <param name="container">Disposed with the link.</param>
/// <param name="batches">What waits for outcomes.</param>
internal sealed class LocalJobLink(IReadOnlyList<HostedKind> kinds, int concurrency, ClientSettings settings, IAsyncDisposable container, OpenBatches batches) : IJobLink
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _slots = new(concurrency);
    private readonly RunningJobs _running = new() { Reported = ReportsTo(batches, settings).Add };
    private readonly CancelledJobs _cancelled = new(TimeProvider.System);
    private readonly Dictionary<string, JobExecution> _executions = kinds.ToDictionary(kind => kind.Kind, kind => new JobExecution(
        kind,
        new ProcessIdentity(Environment.MachineName, Environment.ProcessId, "local"),
        settings.Logs.CreateLogger($"{LogCategories.Handlers}.{kind.Kind}"),
        static _ => { }));

    /// <exception cref="InvalidConfigurationException">No handler of the kind: nobody will ever serve it here.</exception>
    public Task<JobRoute> PrepareAsync(string kind, bool receive, bool prioritized, CallEnd end) => _executions.ContainsKey(kind)
        ? Task.FromResult(new JobRoute(() => receive ? "local" : null, Send, Fleet: null))
        : throw new InvalidConfigurationException($"there is no handler of kind '{kind}' in this pool (have: {string.Join(", ", _executions.Keys.Order(StringComparer.Ordinal))}); add it with AddHandler<T>()");

    public Task AnnounceAsync(BatchDetached batch, CancellationToken cancellationToken) => throw new NotSupportedException("jobs that run in this process cannot be detached");

    public Task CancelAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        // The set takes one at a time.
        lock (_cancelled)
            _cancelled.Learn(new CancelJobs { Ids = ids, CancelledAt = DateTimeOffset.UtcNow }, _running);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _running.CancelAll();
        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            // Who holds every slot is the last one here.
            for (var slot = 0; slot < concurrency; slot++)
                await _slots.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // A handler ignores its token; its services are disposed under it.
        }

        await container.DisposeAsync();
    }

    private Task Send(RunJob sent, byte[] body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var job = MessageBody.Read(body, MessageJson.Default.RunJob)!;
        _ = Task.Run(() => RunAsync(job, TimeSpan.Zero), CancellationToken.None);
        return Task.CompletedTask;
    }

    private static ProgressReports ReportsTo(OpenBatches batches, ClientSettings settings) => new(
        (_, report) =>
        {
            batches.Accept(report);
            return Task.CompletedTask;
        },
        TimeProvider.System,
        settings.Logs.CreateLogger<JobPool>());

    private async Task RunAsync(RunJob job, TimeSpan delay)
    {
        var items = JsonItems.Split(job.Items.Utf8);
        using var entry = _running.Enter(job, items.Count, CancellationToken.None);
        if (_cancelled.Contains(job))
            entry.Cancel(CancellationCause.Cancelled);
        var execution = _executions[job.Kind];
        var answered = 0;
        try
        {
            await Task.Delay(delay, entry.Token);
            await _slots.WaitAsync(entry.Token);
        }
        catch (OperationCanceledException)
        {
            if (entry.Cause == CancellationCause.Cancelled)
                await execution.RefuseAsync(job, items.Count, FailureTypes.Cancelled, "cancelled before it was started", AnswerAsync);
            return;
        }

        try
        {
            if (job.ExpiresAt < DateTimeOffset.UtcNow)
                await execution.RefuseAsync(job, items.Count, FailureTypes.Expired, "the job's deadline passed before it was started", AnswerAsync);
            else
                await execution.RunAsync(job, items, entry, AnswerAsync);
        }
        catch (OperationCanceledException) when (entry.Token.IsCancellationRequested)
        {
            // The pool is disposed: its calls have ended.
        }
        finally
        {
            _slots.Release();
        }

        Task AnswerAsync(JobCompleted outcomes)
        {
            var plan = outcomes.Failures is null ? null : RetryPlan.Of(job, items, answered, outcomes, DateTimeOffset.UtcNow, Random.Shared.NextDouble());
            answered += outcomes.Count;
            foreach (var retry in plan?.Retries ?? [])
            {
                batches.Accept(retry.Notice());
                _ = Task.Run(() => RunAsync(retry.Job, retry.Delay), CancellationToken.None);
            }

            if (plan is { Answer: null })
                return Task.CompletedTask;
            var body = JsonSerializer.SerializeToUtf8Bytes(plan?.Answer ?? outcomes, MessageJson.Default.JobCompleted);
            batches.Accept(MessageBody.Read(body, MessageJson.Default.JobCompleted)!);
            return Task.CompletedTask;
        }
    }
}
