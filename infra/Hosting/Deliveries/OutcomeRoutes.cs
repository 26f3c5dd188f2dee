using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>Where a job goes on from here: to whoever waits, to the dead letters, or to its queue again in pieces. Each confirmed before it returns.</summary>
internal sealed class OutcomeRoutes
{
    private readonly MessageSender.Route _results;
    private readonly MessageSender.Route _dead;
    private readonly MessageSender.Route _jobs;
    private readonly ProcessIdentity _self;
    private readonly ILogger _log;

    private OutcomeRoutes(MessageSender.Route results, MessageSender.Route dead, MessageSender.Route jobs, ProcessIdentity self, ILogger log)
    {
        _results = results;
        _dead = dead;
        _jobs = jobs;
        _self = self;
        _log = log;
    }

    public static async Task<OutcomeRoutes> OpenAsync(MessageSender sender, ProcessIdentity self, ILogger log) => new(
        await sender.ToAsync(Names.ResultsExchange, "direct"),
        await sender.ToAsync(Names.DeadExchange, "direct"),
        await sender.ToAsync(Names.JobsExchange, "direct"),
        self,
        log);

    public async Task ReplyAsync(RunJob job, JobCompleted outcomes, CancellationToken cancellationToken)
    {
        if (job.ReplyTo is null)
            return;
        try
        {
            var body = MessageSender.Write(outcomes, MessageJson.Default.JobCompleted);
            await _results.SendAsync(MessageTypes.JobCompleted, job.ReplyTo, Guid.CreateVersion7(), body, mandatory: true, cancellationToken);
        }
        catch (UnroutableException)
        {
            _log.LogDebug("no caller waits for the outcome any more");
        }
    }

    public Task AnswerAsync(string replyTo, Pong pong, CancellationToken cancellationToken) =>
        AnswerAsync(MessageTypes.Pong, replyTo, MessageSender.Write(pong, MessageJson.Default.Pong), cancellationToken);

    public Task AnswerAsync(string replyTo, LogLevelSet set, CancellationToken cancellationToken) =>
        AnswerAsync(MessageTypes.LogLevelSet, replyTo, MessageSender.Write(set, MessageJson.Default.LogLevelSet), cancellationToken);

    /// <summary>Dead-letters the items of <paramref name="outcomes"/> that failed, each under its own index.</summary>
    /// <param name="first">The offset in the job of the first outcome.</param>
    public async Task DeadLetterAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, int first, JobCompleted outcomes, CancellationToken cancellationToken)
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
        await _dead.SendAsync(MessageTypes.DeadLetter, job.Kind, job.JobId, MessageSender.Write(letter, MessageJson.Default.DeadLetter, MessageSender.MaxDeadLetterBytes), mandatory: true, cancellationToken);
    }

    public Task DeadLetterUnreadableAsync(string kind, ReadOnlyMemory<byte> body) =>
        _dead.SendAsync(MessageTypes.RunJob, kind, Guid.CreateVersion7(), body.ToArray(), mandatory: true, CancellationToken.None);

    /// <summary>Sends each item to the queue as a job of its own, under the job's id and its own index.</summary>
    public Task SplitAsync(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, CancellationToken cancellationToken) =>
        Task.WhenAll(items.Select((item, offset) => _jobs.SendAsync(
            MessageTypes.RunJob,
            job.Kind,
            job.JobId,
            MessageSender.Write(job with { Items = new RawJson(JsonItems.Join([item])), Indices = ItemIndices.From(job.Indices[offset]) }, MessageJson.Default.RunJob),
            mandatory: true,
            cancellationToken)));

    private Task AnswerAsync(string type, string replyTo, byte[] body, CancellationToken cancellationToken) =>
        _results.SendAsync(type, replyTo, Guid.CreateVersion7(), body, mandatory: false, cancellationToken);
}
