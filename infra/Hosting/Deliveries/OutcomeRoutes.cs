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
    private readonly MessageSender.Route _results;
    private readonly MessageSender.Route _dead;
    private readonly MessageSender.Route _jobs;
    private readonly MessageSender.Route _control;
    private readonly JobTopology _topology;
    private readonly ProcessIdentity _self;
    private readonly ILogger _log;
    private readonly Outbox _outbox;

    public OutcomeRoutes(MessageSender sender, JobTopology topology, ProcessIdentity self, ILogger log)
    {
        _dead = sender.To(Names.DeadExchange, "direct");
        _jobs = sender.To(Names.JobsExchange, "direct");
        _control = sender.To(Names.ControlExchange, "fanout");
        _results = sender.To(Names.ResultsExchange, "direct");
        _topology = topology;
        _self = self;
        _log = log;
        _outbox = new Outbox(
            (type, replyTo, messageId, body) => _results.SendAsync(type, replyTo, messageId, body, mandatory: true, CancellationToken.None), TimeProvider.System, log);
    }

    public Task ReplyAsync(RunJob job, JobCompleted outcomes, CancellationToken connectionLost) => job.ReplyTo is { } caller
        ? _outbox.PostAsync(caller, MessageSender.Write(outcomes, MessageJson.Default.JobCompleted), job.TakesSequences, connectionLost)
        : Task.CompletedTask;

    public Task AnswerAsync(string replyTo, Pong pong) =>
        AnswerAsync(MessageTypes.Pong, replyTo, MessageSender.Write(pong, MessageJson.Default.Pong));

    public Task AnswerAsync(string replyTo, LogLevelSet set) =>
        AnswerAsync(MessageTypes.LogLevelSet, replyTo, MessageSender.Write(set, MessageJson.Default.LogLevelSet));

    /// <summary>Asks all consumer processes, this one too.</summary>
    public Task AskAsync(AskLosses question) =>
        SayAsync(MessageTypes.AskLosses, MessageSender.Write(question, MessageJson.Default.AskLosses));

    /// <summary>Tells all consumer processes.</summary>
    public Task TellAsync(LossesKnown losses) =>
        SayAsync(MessageTypes.LossesKnown, MessageSender.Write(losses, MessageJson.Default.LossesKnown));

    /// <summary>Dead-letters the items of <paramref name="outcomes"/> that failed, each under its own index.</summary>
    /// <param name="first">The offset in the job of the first outcome.</param>
    public Task DeadLetterAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, int first, JobCompleted outcomes, CancellationToken connectionLost)
    {
        var failures = outcomes.Failures!;
        var letter = new DeadLetter
        {
            Job = job with
            {
                Items = new RawJson(JsonItems.Join(failures.Select(failure => items[first + failure.Offset]))),
                Indices = outcomes.Indices.At(failures.Select(failure => failure.Offset)),
            },
            Failures = [.. failures.Select((failure, offset) => failure with { Offset = offset })],
            Worker = _self,
            DiedAt = DateTimeOffset.UtcNow,
        };
        var body = MessageSender.Write(letter, MessageJson.Default.DeadLetter, MessageSender.MaxDeadLetterBytes);
        return SendUntilConfirmedAsync(_dead, MessageTypes.DeadLetter, job.Kind, job.JobId, body, connectionLost);
    }

    public Task DeadLetterUnreadableAsync(string kind, ReadOnlyMemory<byte> body, CancellationToken connectionLost) =>
        SendUntilConfirmedAsync(_dead, MessageTypes.RunJob, kind, Guid.CreateVersion7(), body.ToArray(), connectionLost);

    /// <summary>Sends each item to the queue as a job of its own, under the job's id and its own index.</summary>
    public Task SplitAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, CancellationToken connectionLost) =>
        Task.WhenAll(items.Select((item, offset) => SendUntilConfirmedAsync(
            _jobs,
            MessageTypes.RunJob,
            job.Kind,
            job.JobId,
            MessageSender.Write(job with { Items = new RawJson(JsonItems.Join([item])), Indices = ItemIndices.From(job.Indices[offset]) }, MessageJson.Default.RunJob),
            connectionLost)));

    /// <summary>Sends the job to its queue again as it came. Requeued by the broker, it would count as one more crash on most versions.</summary>
    public Task ReturnAsync(RunJob job, ReadOnlyMemory<byte> body, CancellationToken connectionLost) =>
        SendUntilConfirmedAsync(_jobs, MessageTypes.RunJob, job.Kind, job.JobId, body.ToArray(), connectionLost);

    private async Task SendUntilConfirmedAsync(MessageSender.Route route, string type, string kind, Guid messageId, byte[] body, CancellationToken connectionLost)
    {
        while (true)
        {
            try
            {
                // Not cancelled with the wait: that would disturb others on the same channel.
                await route.SendAsync(type, kind, messageId, body, mandatory: true, CancellationToken.None).WaitAsync(connectionLost);
                return;
            }
            catch (UnroutableException)
            {
                await DeclareAgainAsync(kind, connectionLost);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry)
            {
                _log.LogDebug("a {Type} message is sent again: {Reason}", type, e.Message);
                await Task.Delay(Outbox.ResendDelay, connectionLost);
            }
        }
    }

    /// <summary>Somebody deleted the kind's queue. A queue declared again within milliseconds of its deletion may leave its consumers without a word of it.</summary>
    private async Task DeclareAgainAsync(string kind, CancellationToken connectionLost)
    {
        await Task.Delay(Outbox.ResendDelay, connectionLost);
        _log.LogWarning("a queue of kind {Kind} was deleted and is declared again", kind);
        try
        {
            await _topology.DeclareKindAsync(kind, connectionLost);
        }
        catch (BrokerUnavailableException e) when (e.CanRetry)
        {
            _log.LogDebug("the queues of kind {Kind} could not be declared: {Reason}", kind, e.Message);
        }
    }

    private Task SayAsync(string type, byte[] body) =>
        _control.SendAsync(type, "", Guid.CreateVersion7(), body, mandatory: false, CancellationToken.None);

    private Task AnswerAsync(string type, string replyTo, byte[] body) =>
        _results.SendAsync(type, replyTo, Guid.CreateVersion7(), body, mandatory: false, CancellationToken.None);
}
