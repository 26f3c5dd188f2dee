using System.Collections.Concurrent;
using System.Threading.Channels;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Topology;

namespace Broker.Fleet;

/// <summary>Sends a control message to every consumer.</summary>
/// <exception cref="UnroutableException">There is none.</exception>
internal delegate Task SendToConsumers(string type, Guid messageId, byte[] body, CancellationToken cancellationToken);

/// <summary>Asks all live consumers at once, and collects their answers.</summary>
/// <param name="replyTo">Routing key under which answers come to this client.</param>
/// <param name="send">The way to the consumers.</param>
/// <param name="lookAt">Looks at a kind's queues.</param>
/// <param name="clock">Bounds the wait for answers.</param>
internal sealed class FleetClient(Func<string> replyTo, SendToConsumers send, Func<string, CancellationToken, Task<KindQueues>> lookAt, TimeProvider clock)
{
    /// <summary>A broker under an alarm takes no messages, and whoever looks at the fleet wants to see the queues just then. The first question waits for two connections.</summary>
    private static readonly TimeSpan QuestionTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, ChannelWriter<object>> _questions = new();

    public void Accept(Pong pong) => Accept(pong.PingId, pong);

    public void Accept(Draining draining) => Accept(draining.RequestId, draining);

    public void Accept(LogLevelSet set) => Accept(set.RequestId, set);

    /// <summary>Who is there and what they serve; no queues. At once without a consumer, else a quarter of a second after the last answer.</summary>
    public Task<FleetSnapshot> AskAsync(CancellationToken cancellationToken = default) => AskAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Removes names of kinds that are gone; returns the others that somebody has declared at some time.</summary>
    public Func<IReadOnlyCollection<string>, CancellationToken, Task<IReadOnlyCollection<string>>> ListKindsAsync { get; init; } = (_, _) => Task.FromResult<IReadOnlyCollection<string>>([]);

    /// <summary>Counts the jobs that wait for a retry; null where nothing delays jobs.</summary>
    public Func<CancellationToken, Task<long?>> CountDelayedAsync { get; init; } = _ => Task.FromResult<long?>(null);

    /// <summary>
    /// The same with the queues of the kinds served and of <paramref name="named"/>, whether or not a consumer serves these; where none is named, also of all kinds
    /// whose queues hold something. Where the broker takes no messages, consumers are not asked.
    /// </summary>
    public Task<FleetSnapshot> LookAsync(IReadOnlyCollection<string> named, CancellationToken cancellationToken = default) => LookAsync(named, blocked: false, cancellationToken);

    /// <inheritdoc cref="LookAsync(IReadOnlyCollection{string}, CancellationToken)"/>
    /// <param name="named">These kinds.</param>
    /// <param name="blocked">Whether the broker is known to take no messages: then that is not waited for.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<FleetSnapshot> LookAsync(IReadOnlyCollection<string> named, bool blocked, CancellationToken cancellationToken)
    {
        var snapshot = (blocked ? Unasked() : await AskIfPossibleAsync(cancellationToken)).With(named.Count > 0 ? named : await ListKindsAsync([], cancellationToken));
        var queues = new Dictionary<string, KindQueues>();
        foreach (var kind in snapshot.Kinds)
            queues[kind.Kind] = await lookAt(kind.Kind, cancellationToken);
        if (named.Count == 0 && queues.Where(kind => kind.Value is { Jobs: null, Dead: null }).Select(kind => kind.Key).ToList() is { Count: > 0 } gone)
            await ListKindsAsync(gone, cancellationToken);
        return snapshot.With(queues).WithoutIdle(named) with { Delayed = await CountDelayedAsync(cancellationToken) };
    }

    /// <inheritdoc cref="JobTopology.LookAtKindAsync"/>
    public Task<KindQueues> LookAtAsync(string kind, CancellationToken cancellationToken = default) => lookAt(kind, cancellationToken);

    /// <summary>Has running consumers log at another level for a while. Those that start later are not affected.</summary>
    /// <param name="change">The change; whom to answer is filled in here.</param>
    public async Task<LogLevelChange> SetLogLevelAsync(SetLogLevel change, CancellationToken cancellationToken = default)
    {
        var fleet = await AskAsync(cancellationToken);
        var meant = fleet.Processes.Where(process => change.AppliesTo(process.Identity, process.Kinds)).Select(process => process.Identity).ToList();
        var body = MessageSender.Write(change with { ReplyTo = replyTo() }, MessageJson.Default.SetLogLevel);
        // Sent even if nobody seems meant: a process too busy for the first question may take the second.
        var applied = await AskAsync<LogLevelSet>(MessageTypes.SetLogLevel, change.RequestId, body, meant.Count, Timeout.InfiniteTimeSpan, static (_, _) => Task.FromResult(0), cancellationToken);
        return new LogLevelChange(applied, [.. meant.Except(applied.Select(answer => answer.Worker))], fleet);
    }

    /// <summary>Has consumer processes end.</summary>
    /// <param name="host">Those of this host.</param>
    /// <param name="processId">Only that of this id, or those it supervises; null for all of the host.</param>
    /// <param name="meant">Those that are known to be meant.</param>
    /// <param name="cancellationToken">Ends the wait for answers.</param>
    /// <returns>The answers of those that stop.</returns>
    public async Task<IReadOnlyList<Draining>> DrainAsync(string host, int? processId, IReadOnlyCollection<ProcessIdentity> meant, CancellationToken cancellationToken = default)
    {
        var drain = new Drain { RequestId = Guid.CreateVersion7(), ReplyTo = replyTo(), Host = host, ProcessId = processId };
        var body = MessageSender.Write(drain, MessageJson.Default.Drain);
        return await AskAsync<Draining>(MessageTypes.Drain, drain.RequestId, body, meant.Count, Timeout.InfiniteTimeSpan, static (_, _) => Task.FromResult(0), cancellationToken);
    }

    /// <exception cref="TimeoutException">The question was not sent within <paramref name="timeout"/>.</exception>
    private async Task<FleetSnapshot> AskAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var ping = new Ping { PingId = Guid.CreateVersion7(), ReplyTo = replyTo() };
        var body = MessageSender.Write(ping, MessageJson.Default.Ping);
        return FleetSnapshot.Of(await AskAsync<Pong>(MessageTypes.Ping, ping.PingId, body, known: 0, timeout, MissingAsync, cancellationToken), clock);
    }

    private async Task<FleetSnapshot> AskIfPossibleAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(QuestionTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Unasked();
        }
    }

    private FleetSnapshot Unasked() => FleetSnapshot.Of([], clock) with { Unasked = true };

    private void Accept(Guid question, object answer)
    {
        if (_questions.TryGetValue(question, out var answers))
            answers.TryWrite(answer);
    }

    /// <summary>How many have not answered, as far as the queues tell: a kind's queue counts its consumers.</summary>
    private async Task<int> MissingAsync(IReadOnlyCollection<Pong> answers, CancellationToken cancellationToken)
    {
        var missing = 0L;
        foreach (var kind in answers.SelectMany(pong => pong.Kinds).GroupBy(kind => kind.Kind))
            missing = Math.Max(missing, ((await lookAt(kind.Key, cancellationToken)).Jobs?.Consumers ?? 0) - kind.Count());
        return (int)missing;
    }

    private async Task<List<TAnswer>> AskAsync<TAnswer>(
        string type, Guid question, byte[] body, int known, TimeSpan timeout, Func<IReadOnlyCollection<TAnswer>, CancellationToken, Task<int>> missingAsync, CancellationToken cancellationToken)
    {
        var answers = Channel.CreateUnbounded<object>();
        _questions[question] = answers.Writer;
        try
        {
            await send(type, question, body, cancellationToken).WaitAsync(timeout, clock, cancellationToken);
            var collected = await CollectAsync(known, AnswerWait.Longest);
            if (await missingAsync(collected, cancellationToken) is > 0 and var missing)
                collected.AddRange(await CollectAsync(missing, AnswerWait.Missing));
            return collected;
        }
        catch (UnroutableException)
        {
            return [];
        }
        finally
        {
            _questions.TryRemove(question, out _);
        }

        async Task<List<TAnswer>> CollectAsync(int count, TimeSpan longest) =>
            [.. (await new AnswerWait(clock, count, longest).CollectAsync(answers.Reader, cancellationToken)).OfType<TAnswer>()];
    }
}
