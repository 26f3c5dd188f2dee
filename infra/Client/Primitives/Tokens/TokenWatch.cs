using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>
/// Looks after all holds of the process while there are any. A hold must be given up before its permit is given to another: RabbitMQ takes a silent connection for dead after two to three
/// heartbeats, that is 6 to 9 seconds, so a broker that does not answer is given up after less than 5; and a node that was cut off from its cluster answers for itself, but not for the leader of a queue.
/// </summary>
internal sealed class TokenWatch(PrimitiveLink link, TimeProvider clock, CancellationToken closing)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1200);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMilliseconds(3500);

    /// <summary>In how many looks the leaders are asked once: every 5 seconds. With the limit of a request, a hold is given up 20 seconds after their last answer.</summary>
    private const int LeaderInterval = 4;

    private readonly Lock _lock = new();
    private readonly HashSet<TokenHold> _holds = [];
    private bool _running;

    public void Add(TokenHold hold)
    {
        lock (_lock)
        {
            _holds.Add(hold);
            if (_running)
                return;
            _running = true;
        }

        _ = CallerContext.RunOutsideAsync(RunAsync);
    }

    public void Remove(TokenHold hold)
    {
        lock (_lock)
            _holds.Remove(hold);
    }

    private async Task RunAsync()
    {
        TokenChannel? probe = null;
        for (var round = 1; ; round++)
        {
            // First: what was delivered just now needs no proof, and most holds are over before the first look.
            await Task.Delay(Interval, clock, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Current() is not { } holds)
                break;
            foreach (var hold in holds)
                _ = hold.RecordWhenDueAsync();
            if (round % LeaderInterval == 0)
            {
                foreach (var queue in holds.GroupBy(hold => hold.Set.Queue))
                    _ = AskLeaderAsync([.. queue]);
            }

            probe = await ProbeAsync(probe, holds);
        }

        if (probe is not null)
            await probe.DisposeAsync();
    }

    /// <summary>All holds; null, and the watch is over, if there is none.</summary>
    private List<TokenHold>? Current()
    {
        lock (_lock)
        {
            _running = _holds.Count > 0 && !closing.IsCancellationRequested;
            return _running ? [.. _holds] : null;
        }
    }

    /// <summary>Has the broker answer on the connection of the holds.</summary>
    /// <returns>The channel for the next time.</returns>
    private async Task<TokenChannel?> ProbeAsync(TokenChannel? channel, List<TokenHold> holds)
    {
        var probing = ProbeAsync(channel);
        try
        {
            return await probing.WaitAsync(AnswerLimit, clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            foreach (var hold in holds)
                hold.Lose($"the broker did not answer for {AnswerLimit.TotalSeconds} s");
            _ = probing.ContinueWith(static late => late.Result.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
        catch (Exception)
        {
            // The connection ended, and its channels tell the holds; or this channel alone, and the next may do better.
        }

        if (channel is not null)
            await channel.DisposeAsync();
        return null;
    }

    private async Task<TokenChannel> ProbeAsync(TokenChannel? channel)
    {
        if (channel is not { IsOpen: true })
        {
            var connection = await link.HoldingAsync(closing);
            channel = new TokenChannel(await connection.OpenChannelAsync(confirms: false, closing), connection.Address);
        }

        await channel.AskAsync(asked => asked.BasicQosAsync(0, 1, global: false), CancellationToken.None);
        return channel;
    }

    /// <summary>Asks by one of the holds on a queue; the answer counts for all.</summary>
    private static async Task AskLeaderAsync(IReadOnlyList<TokenHold> holds)
    {
        try
        {
            if (await holds[0].AskLeaderAsync() is not { } free)
                return;
            foreach (var hold in holds.Where(hold => hold.Holds(free)))
                hold.Lose("the broker returned the permit to its queue");
        }
        catch (Exception e) when (e is TimeoutException or QueueMissingException)
        {
            foreach (var hold in holds)
                hold.Lose(e is TimeoutException ? "the leader of the queue does not answer" : "the queue was deleted");
        }
    }
}
