using System.Threading.Channels;

namespace Broker.Fleet;

/// <summary>How long answers to one question are waited for: nothing tells how many will come.</summary>
/// <param name="known">So many consumers are known to be there; each is waited for, however busy it is.</param>
internal sealed class AnswerWait(TimeProvider clock, int known)
{
    /// <summary>A busy consumer answers late, but the broker had a queue to put the question on: somebody is there.</summary>
    internal static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Consumers answer within milliseconds of each other; when none has for this long, all have that will.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    /// <summary>For all answers together: those known to be there, and a fleet so large that it never falls quiet.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public async Task<List<T>> CollectAsync<T>(ChannelReader<T> answers, CancellationToken cancellationToken)
    {
        var collected = new List<T>();
        using var longest = new CancellationTokenSource(Longest, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(LimitAfter(collected.Count), clock);
                using var next = CancellationTokenSource.CreateLinkedTokenSource(end.Token, silence.Token);
                collected.Add(await answers.ReadAsync(next.Token));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return collected;
        }
    }

    private TimeSpan LimitAfter(int answers) => answers < known ? Longest : answers == 0 ? First : Quiet;
}
