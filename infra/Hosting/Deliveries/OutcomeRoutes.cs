using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// Where a job goes on from here: to whoever waits, to the dead letters, or to its queue again. Each is confirmed before it returns, and sent again until it is
/// or the connection of its delivery is lost.
/// </summary>
internal sealed class OutcomeRoutes
{
    /// <summary>A caller that is away for longer gets no heap of it.</summary>
    private static readonly TimeSpan ProgressLifetime = TimeSpan.FromSeconds(5);

    private readonly MessageSender.Route _results;
    private readonly MessageSender.Route _dead;
    private readonly MessageSender.Route _jobs;
    private readonly MessageSender.Route _delay;
    private readonly MessageSender.Route _control;
    private readonly JobTopology _topology;
    private readonly ProcessIdentity _self;
    private readonly ILogger _log;
    private readonly Outbox _outbox;
    private long _retriesDue;

    public OutcomeRoutes(MessageSender sender, JobTopology topology, ProcessIdentity self, ILogger log)
    {
        _dead = sender.To(Names.DeadExchange, "direct");
        _jobs = sender.To(Names.JobsExchange, "direct");
        _delay = sender.To(Names.DelayLevel(DelayLevels.Highest), "topic");
        _control = sender.To(Names.ControlExchange, "fanout");
        _results = sender.To(Names.ResultsExchange, "direct");
        _topology = topology;
        _self = self;
        _log = log;
        _outbox = new Outbox(SendOutcomesAsync, TimeProvider.System, log);
    }

    public Task ReplyAsync(RunJob job, JobCompleted outcomes, CancellationToken connectionLost) => job.ReplyTo is { } caller
        ? _outbox.PostAsync(caller, MessageSender.Write(outcomes, MessageJson.Default.JobCompleted), job.TakesSequences, connectionLost)
        : Task.CompletedTask;

    public Task AnswerAsync(string replyTo, Pong pong) =>
        AnswerAsync(MessageTypes.Pong, replyTo, MessageSender.Write(pong, MessageJson.Default.Pong));

    public Task AnswerAsync(string replyTo, LogLevelSet set) =>
        AnswerAsync(MessageTypes.LogLevelSet, replyTo, MessageSender.Write(set, MessageJson.Default.LogLevelSet));

    public Task AnswerAsync(string replyTo, Draining draining) =>
        AnswerAsync(MessageTypes.Draining, replyTo, MessageSender.Write(draining, MessageJson.Default.Draining));

    /// <summary>Tells a caller how far its jobs are. Told late, it would be wrong.</summary>
    public Task TellAsync(string caller, ProgressReport report) =>
        _results.SendAsync(MessageTypes.JobProgress, caller, Guid.CreateVersion7(), MessageSender.Write(report, MessageJson.Default.ProgressReport), mandatory: false, CancellationToken.None, lifetime: ProgressLifetime);

    /// <summary>Asks all consumer processes, this one too.</summary>
    public Task AskAsync(AskLosses question) =>
        SayAsync(MessageTypes.AskLosses, MessageSender.Write(question, MessageJson.Default.AskLosses));

    /// <summary>Tells all consumer processes.</summary>
    public Task TellAsync(LossesKnown losses) =>
        SayAsync(MessageTypes.LossesKnown, MessageSender.Write(losses, MessageJson.Default.LossesKnown));

    /// <summary>When the last of the jobs that this process has delayed comes back.</summary>
    public DateTimeOffset RetriesDue => new(Interlocked.Read(ref _retriesDue), TimeSpan.Zero);

    /// <summary>Has a job come back after a delay, and tells whoever waits.</summary>
    public async Task RetryAsync(DelayedJob retry, CancellationToken connectionLost)
    {
        var due = (DateTimeOffset.UtcNow + retry.Delay).UtcTicks;
        for (var known = Interlocked.Read(ref _retriesDue); due > known; known = Interlocked.Read(ref _retriesDue))
            Interlocked.CompareExchange(ref _retriesDue, due, known);
        var job = retry.Job;
        var body = MessageSender.Write(job, MessageJson.Default.RunJob, MessageSender.MaxDeadLetterBytes);
        // Each time: the queue may have been deleted and declared again since.
        await TryDeclareAsync(token => _topology.BindDelayedAsync(job.Kind, token), connectionLost);
        await Task.WhenAll(
            SendUntilConfirmedAsync(_delay, MessageTypes.RunJob, DelayLevels.Key(retry.Delay, job.Kind), job.JobId, body, DeclareDelaysAsync, connectionLost, job.Priority),
            TellDelayedAsync(retry));
    }

    /// <summary>Dead-letters items that failed, each under its own index.</summary>
    /// <param name="job">The job.</param>
    /// <param name="items">All its items.</param>
    /// <param name="dead">The failures, by their offset in the job.</param>
    /// <param name="connectionLost">Ends the sending.</param>
    public Task DeadLetterAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, IReadOnlyList<(int Offset, ItemFailure Failure)> dead, CancellationToken connectionLost)
    {
        var letter = new DeadLetter
        {
            Job = job with
            {
                Items = new RawJson(JsonItems.Join(dead.Select(one => items[one.Offset]))),
                Indices = job.Indices.At(dead.Select(one => one.Offset)),
            },
            Failures = [.. dead.Select((one, offset) => one.Failure with { Offset = offset })],
            Worker = _self,
            DiedAt = DateTimeOffset.UtcNow,
        };
        var body = MessageSender.Write(letter, MessageJson.Default.DeadLetter, MessageSender.MaxDeadLetterBytes);
        return SendUntilConfirmedAsync(_dead, MessageTypes.DeadLetter, job.Kind, job.JobId, body, DeclareAgain(job.Kind), connectionLost);
    }

    public Task DeadLetterUnreadableAsync(string kind, ReadOnlyMemory<byte> body, CancellationToken connectionLost) =>
        SendUntilConfirmedAsync(_dead, MessageTypes.RunJob, kind, Guid.CreateVersion7(), body.ToArray(), DeclareAgain(kind), connectionLost);

    /// <summary>Sends the job to the queue of the suspects.</summary>
    /// <param name="job">The job.</param>
    /// <param name="crashes">How many processes have ended with it.</param>
    /// <param name="connectionLost">Ends the sending.</param>
    public Task QuarantineAsync(RunJob job, int crashes, CancellationToken connectionLost) => SendUntilConfirmedAsync(
        _jobs,
        MessageTypes.RunJob,
        Names.SuspectsKey(job.Kind),
        job.JobId,
        MessageSender.Write(job with { Crashes = crashes }, MessageJson.Default.RunJob, MessageSender.MaxDeadLetterBytes),
        DeclareAgain(job.Kind),
        connectionLost,
        job.Priority);

    /// <summary>Sends each item to the queue as a job of its own, under the job's id and its own index.</summary>
    /// <param name="job">The job.</param>
    /// <param name="items">Its items.</param>
    /// <param name="crashes">How many processes have ended with it.</param>
    /// <param name="connectionLost">Ends the sending.</param>
    public Task SplitAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, int crashes, CancellationToken connectionLost) =>
        Task.WhenAll(items.Select((item, offset) => SendUntilConfirmedAsync(
            _jobs,
            MessageTypes.RunJob,
            job.Kind,
            job.JobId,
            MessageSender.Write(job with { Items = new RawJson(JsonItems.Join([item])), Indices = ItemIndices.From(job.Indices[offset]), Crashes = crashes }, MessageJson.Default.RunJob, MessageSender.MaxDeadLetterBytes),
            DeclareAgain(job.Kind),
            connectionLost,
            job.Priority)));

    /// <summary>Sends the job to its queue again as it came. Requeued by the broker, it would count as one more crash on most versions.</summary>
    public Task ReturnAsync(RunJob job, ReadOnlyMemory<byte> body, CancellationToken connectionLost) =>
        SendUntilConfirmedAsync(_jobs, MessageTypes.RunJob, job.Kind, job.JobId, body.ToArray(), DeclareAgain(job.Kind), connectionLost, job.Priority);

    private async Task SendOutcomesAsync(string type, string replyTo, Guid messageId, byte[] body)
    {
        try
        {
            await _results.SendAsync(type, replyTo, messageId, body, mandatory: true, CancellationToken.None);
        }
        catch (UnroutableException) when (OutcomeStream.Behind(replyTo) is { } stream)
        {
            // Somebody deleted it.
            await _topology.DeclareOutcomesAsync(stream);
            await _results.SendAsync(type, replyTo, messageId, body, mandatory: true, CancellationToken.None);
        }
    }

    private async Task SendUntilConfirmedAsync(
        MessageSender.Route route, string type, string routingKey, Guid messageId, byte[] body, Func<CancellationToken, Task> declareAsync, CancellationToken connectionLost, byte? priority = null)
    {
        while (true)
        {
            try
            {
                // Not cancelled with the wait: that would disturb others on the same channel.
                await route.SendAsync(type, routingKey, messageId, body, mandatory: true, CancellationToken.None, priority: priority).WaitAsync(connectionLost);
                return;
            }
            catch (UnroutableException)
            {
                await TryDeclareAsync(declareAsync, connectionLost);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry)
            {
                _log.LogDebug("a {Type} message is sent again: {Reason}", type, e.Message);
                await Task.Delay(Outbox.ResendDelay, connectionLost);
            }
        }
    }

    private async Task TryDeclareAsync(Func<CancellationToken, Task> declareAsync, CancellationToken connectionLost)
    {
        try
        {
            await declareAsync(connectionLost);
        }
        catch (BrokerUnavailableException e) when (e.CanRetry)
        {
            _log.LogDebug("a queue could not be declared: {Reason}", e.Message);
            await Task.Delay(Outbox.ResendDelay, connectionLost);
        }
    }

    /// <summary>Somebody deleted the kind's queue. A queue declared again within milliseconds of its deletion may leave its consumers without a word of it.</summary>
    private Func<CancellationToken, Task> DeclareAgain(string kind) => async connectionLost =>
    {
        await Task.Delay(Outbox.ResendDelay, connectionLost);
        _log.LogWarning("a queue of kind {Kind} was deleted and is declared again", kind);
        await _topology.DeclareKindAsync(kind, connectionLost);
        await _topology.DeclareSuspectsAsync(kind, connectionLost);
    };

    /// <summary>Nobody has needed the delay queues on this broker yet, or somebody deleted one.</summary>
    private async Task DeclareDelaysAsync(CancellationToken connectionLost)
    {
        await _topology.DeclareDelaysAsync(connectionLost);
        _log.LogDebug("the delay queues are declared");
    }

    /// <summary>Without the notice the caller looks for the job after some seconds, does not find it and sends it again: early, but harmless.</summary>
    private async Task TellDelayedAsync(DelayedJob retry)
    {
        if (retry.Job.ReplyTo is not { } caller)
            return;
        try
        {
            await AnswerAsync(MessageTypes.JobDelayed, caller, MessageSender.Write(retry.Notice(), MessageJson.Default.JobDelayed));
        }
        catch (BrokerUnavailableException e)
        {
            _log.LogDebug("a caller could not be told of a delay: {Reason}", e.Message);
        }
    }

    private Task SayAsync(string type, byte[] body) =>
        _control.SendAsync(type, "", Guid.CreateVersion7(), body, mandatory: false, CancellationToken.None);

    private Task AnswerAsync(string type, string replyTo, byte[] body) =>
        _results.SendAsync(type, replyTo, Guid.CreateVersion7(), body, mandatory: false, CancellationToken.None);
}
