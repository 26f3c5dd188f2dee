using System.Collections.Concurrent;
using System.Threading.Channels;
using Broker.Bus;
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
internal sealed class FleetClient(string replyTo, SendToConsumers send, Func<string, CancellationToken, Task<KindQueues>> lookAt, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, ChannelWriter<object>> _questions = new();

    public void Accept(Pong pong) => Accept(pong.PingId, pong);

    public void Accept(LogLevelSet set) => Accept(set.RequestId, set);

    /// <summary>Who is there and what they serve; no queues. At once without a consumer, else a quarter of a second after the last answer.</summary>
    public async Task<FleetSnapshot> AskAsync(CancellationToken cancellationToken = default)
    {
        var ping = new Ping { PingId = Guid.CreateVersion7(), ReplyTo = replyTo };
        var answers = await AskAsync<Pong>(MessageTypes.Ping, ping.PingId, MessageSender.Write(ping, MessageJson.Default.Ping), known: 0, cancellationToken);
        return FleetSnapshot.Of(answers, clock);
    }

    /// <summary>The same with the queues of the kinds served and of <paramref name="named"/>, whether or not a consumer serves these.</summary>
    /// <param name="named">RabbitMQ's protocol has no list of queues.</param>
    public async Task<FleetSnapshot> LookAsync(IReadOnlyCollection<string> named, CancellationToken cancellationToken = default)
    {
        var snapshot = (await AskAsync(cancellationToken)).With(named);
        var queues = new Dictionary<string, KindQueues>();
        foreach (var kind in snapshot.Kinds)
            queues[kind.Kind] = await lookAt(kind.Kind, cancellationToken);
        return snapshot.With(queues);
    }

    /// <inheritdoc cref="JobTopology.LookAtKindAsync"/>
    public Task<KindQueues> LookAtAsync(string kind, CancellationToken cancellationToken = default) => lookAt(kind, cancellationToken);

    /// <summary>Has running consumers log at another level for a while. Those that start later are not affected.</summary>
    /// <param name="change">The change; whom to answer is filled in here.</param>
    public async Task<LogLevelChange> SetLogLevelAsync(SetLogLevel change, CancellationToken cancellationToken = default)
    {
        var fleet = await AskAsync(cancellationToken);
        var meant = fleet.Processes.Where(process => change.AppliesTo(process.Identity, process.Kinds)).Select(process => process.Identity).ToList();
        var body = MessageSender.Write(change with { ReplyTo = replyTo }, MessageJson.Default.SetLogLevel);
        // Sent even if nobody seems meant: a process too busy for the first question may take the second.
        var applied = await AskAsync<LogLevelSet>(MessageTypes.SetLogLevel, change.RequestId, body, meant.Count, cancellationToken);
        return new LogLevelChange(applied, [.. meant.Except(applied.Select(answer => answer.Worker))], fleet);
    }

    private void Accept(Guid question, object answer)
    {
        if (_questions.TryGetValue(question, out var answers))
            answers.TryWrite(answer);
    }

    private async Task<IReadOnlyList<TAnswer>> AskAsync<TAnswer>(string type, Guid question, byte[] body, int known, CancellationToken cancellationToken)
    {
        var answers = Channel.CreateUnbounded<object>();
        _questions[question] = answers.Writer;
        try
        {
            await send(type, question, body, cancellationToken);
            return [.. (await new AnswerWait(clock, known).CollectAsync(answers.Reader, cancellationToken)).OfType<TAnswer>()];
        }
        catch (UnroutableException)
        {
            return [];
        }
        finally
        {
            _questions.TryRemove(question, out _);
        }
    }
}
