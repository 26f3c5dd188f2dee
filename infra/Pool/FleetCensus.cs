using System.Collections.Concurrent;
using System.Threading.Channels;
using Broker.Bus;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>Asks all live consumers who they are and what they serve.</summary>
internal sealed class FleetCensus(string replyTo)
{
    /// <summary>Consumers answer within milliseconds; when none has for this long, all have that will.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, ChannelWriter<Pong>> _asking = new();

    public void Accept(Pong pong)
    {
        if (_asking.TryGetValue(pong.PingId, out var answers))
            answers.TryWrite(pong);
    }

    public async Task<IReadOnlyList<Pong>> AskAsync(MessageSender.Route control, CancellationToken cancellationToken)
    {
        var ping = new Ping { PingId = Guid.CreateVersion7(), ReplyTo = replyTo };
        var answers = Channel.CreateUnbounded<Pong>();
        _asking[ping.PingId] = answers.Writer;
        try
        {
            var body = MessageSender.Write(ping, MessageJson.Default.Ping);
            // With no consumer there is no queue either, and that is an answer.
            await control.SendAsync(MessageTypes.Ping, "", ping.PingId, body, mandatory: false, cancellationToken);
            return await CollectAsync(answers.Reader, cancellationToken);
        }
        finally
        {
            _asking.TryRemove(ping.PingId, out _);
        }
    }

    private static async Task<IReadOnlyList<Pong>> CollectAsync(ChannelReader<Pong> answers, CancellationToken cancellationToken)
    {
        var pongs = new List<Pong>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Longest);
        try
        {
            while (true)
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                silence.CancelAfter(Quiet);
                pongs.Add(await answers.ReadAsync(silence.Token));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return pongs;
        }
    }
}
