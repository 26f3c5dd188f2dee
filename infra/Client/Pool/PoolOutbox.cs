using System.Diagnostics;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>What a pool sends. Sends on a connection of its own, from when it is first needed.</summary>
internal sealed class PoolOutbox
{
    /// <summary>A queue that is deleted each time it is declared is somebody's will.</summary>
    private const int MaxDeclarations = 5;

    /// <summary>Ids in one message of cancelled jobs.</summary>
    private const int MaxIds = 10_000;

    private static readonly TimeSpan ResendDelay = TimeSpan.FromMilliseconds(500);

    private readonly MessageSender _sender;
    private readonly JobTopology _topology;
    private readonly ILogger _log;
    private readonly Once<bool> _sending;
    private readonly MessageSender.Route _jobs;
    private readonly MessageSender.Route _results;

    public PoolOutbox(MessageSender sender, JobTopology topology, ILogger log, CancellationToken closed)
    {
        _sender = sender;
        _topology = topology;
        _log = log;
        _jobs = sender.To(Names.JobsExchange, "direct");
        _sending = new Once<bool>(async () =>
        {
            await sender.StartAsync(closed);
            // What is wrong with it is told by the first message.
            await _jobs.BeginAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        });
        _results = sender.To(Names.ResultsExchange, "direct");
        Control = sender.To(Names.ControlExchange, "fanout");
    }

    /// <summary>The path to all consumers.</summary>
    public MessageSender.Route Control { get; }

    public Task StartAsync() => _sending.GetAsync();

    /// <summary>Sends until the broker confirms, always with the same id: a job that arrives twice is answered once to the caller.</summary>
    /// <param name="job">The job.</param>
    /// <param name="body">The job as it travels.</param>
    /// <param name="timeout">How long to go on while the broker is away.</param>
    /// <param name="cancellationToken">Ends the sending; the job may have arrived.</param>
    public async Task SendJobAsync(RunJob job, byte[] body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var unroutable = 0;
        while (true)
        {
            try
            {
                if (unroutable > 0)
                    await _topology.DeclareKindAsync(job.Kind, cancellationToken);
                // Without a limit of its own where the call has none: sent once more while the broker is blocked, the job would run twice.
                await _jobs.SendAsync(MessageTypes.RunJob, job.Kind, job.JobId, body, mandatory: true, cancellationToken, bounded: timeout != Timeout.InfiniteTimeSpan, job.Priority);
                return;
            }
            catch (UnroutableException) when (unroutable++ < MaxDeclarations)
            {
                // Somebody deleted the queue. Not declared at once: a queue declared again within milliseconds of its deletion leaves the
                // consumers of the old one without a word that it is gone.
                await Task.Delay(ResendDelay, cancellationToken);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && (timeout == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(started) < timeout))
            {
                _log.LogDebug(e, "job {JobId} is sent again", job.JobId);
                await Task.Delay(ResendDelay, cancellationToken);
            }
        }
    }

    /// <summary>Appends to the stream of a detached batch's outcomes; returns when the broker has confirmed it.</summary>
    /// <exception cref="BrokerUnavailableException">Not confirmed within 30 s, or refused.</exception>
    public async Task AnnounceAsync(BatchDetached batch, CancellationToken cancellationToken)
    {
        await StartAsync().WaitAsync(cancellationToken);
        var stream = OutcomeStream.Of(batch.BatchId);
        var body = MessageSender.Write(batch, MessageJson.Default.BatchDetached);
        await SendOrDeclareAsync(
            () => _results.SendAsync(MessageTypes.BatchDetached, stream.Key, Guid.CreateVersion7(), body, mandatory: true, cancellationToken),
            () => _topology.DeclareOutcomesAsync(stream, cancellationToken));
    }

    /// <summary>Tells all consumers, those that start within a day too, that jobs are cancelled; returns when the broker has confirmed it.</summary>
    /// <param name="ids">Of batches and of jobs.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="BrokerUnavailableException">Not confirmed within 30 s, or refused.</exception>
    public async Task CancelJobsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        await StartAsync().WaitAsync(cancellationToken);
        foreach (var part in ids.Chunk(MaxIds))
        {
            var body = MessageSender.Write(new CancelJobs { Ids = part, CancelledAt = DateTimeOffset.UtcNow }, MessageJson.Default.CancelJobs);
            await SendOrDeclareAsync(
                () => _jobs.SendAsync(MessageTypes.CancelJobs, Names.CancelledKey, Guid.CreateVersion7(), body, mandatory: true, cancellationToken),
                () => _topology.DeclareCancelledAsync(cancellationToken));
        }
    }

    public async Task StopAsync()
    {
        if (_sending.Started is not null)
            await _sender.DisposeAsync();
    }

    /// <summary>Nobody has needed the stream on this broker yet, or somebody deleted it.</summary>
    private static async Task SendOrDeclareAsync(Func<Task> sendAsync, Func<Task> declareAsync)
    {
        try
        {
            await sendAsync();
        }
        catch (UnroutableException)
        {
            await declareAsync();
            await sendAsync();
        }
    }
}
