using System.Collections.Concurrent;
using System.Threading.Channels;
using Broker.Bus;
using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>Asks all live consumers at once, and collects what they answer.</summary>
internal sealed class FleetCensus(string replyTo)
{
    /// <summary>Consumers answer within milliseconds; when none has for this long, all have that will.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>For those that are known to be there, however busy they are.</summary>
    private static readonly TimeSpan LongestForKnown = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, ChannelWriter<object>> _asking = new();

    public void Accept(Pong pong) => Accept(pong.PingId, pong);

    public void Accept(LogLevelSet set) => Accept(set.RequestId, set);

    /// <summary>Who is there, and what they serve.</summary>
    public Task<IReadOnlyList<Pong>> AskAsync(MessageSender.Route control, CancellationToken cancellationToken)
    {
        var ping = new Ping { PingId = Guid.CreateVersion7(), ReplyTo = replyTo };
        return AskAsync<Pong>(control, MessageTypes.Ping, ping.PingId, MessageSender.Write(ping, MessageJson.Default.Ping), known: 0, cancellationToken);
    }

    /// <summary>Has a change of level made by all that it is meant for.</summary>
    /// <param name="control">Leads to all consumers.</param>
    /// <param name="change">The change; whom to answer is filled in here.</param>
    public async Task<LogLevelChange> ChangeAsync(MessageSender.Route control, SetLogLevel change, CancellationToken cancellationToken)
    {
        var fleet = await AskAsync(control, cancellationToken);
        var meant = fleet.Where(pong => change.AppliesTo(pong.Worker, pong.Kinds.Select(kind => kind.Kind))).Select(pong => pong.Worker).ToList();
        var body = MessageSender.Write(change with { ReplyTo = replyTo }, MessageJson.Default.SetLogLevel);
        var applied = await AskAsync<LogLevelSet>(control, MessageTypes.SetLogLevel, change.RequestId, body, meant.Count, cancellationToken);
        return new LogLevelChange(applied, [.. meant.Except(applied.Select(answer => answer.Worker))], fleet);
    }

    private void Accept(Guid question, object answer)
    {
        if (_asking.TryGetValue(question, out var answers))
            answers.TryWrite(answer);
    }

    private async Task<IReadOnlyList<TAnswer>> AskAsync<TAnswer>(MessageSender.Route control, string type, Guid question, byte[] body, int known, CancellationToken cancellationToken)
    {
        var answers = Channel.CreateUnbounded<object>();
        _asking[question] = answers.Writer;
        try
        {
            // With no consumer there is no queue either, and that is an answer.
            await control.SendAsync(type, "", question, body, mandatory: false, cancellationToken);
            return [.. (await CollectAsync(answers.Reader, known, cancellationToken)).OfType<TAnswer>()];
        }
        finally
        {
            _asking.TryRemove(question, out _);
        }
    }

    private static async Task<List<object>> CollectAsync(ChannelReader<object> answers, int known, CancellationToken cancellationToken)
    {
        var collected = new List<object>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(known > 0 ? LongestForKnown : Longest);
        try
        {
            while (true)
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                if (collected.Count >= known)
                    silence.CancelAfter(Quiet);
                collected.Add(await answers.ReadAsync(silence.Token));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return collected;
        }
    }
}
