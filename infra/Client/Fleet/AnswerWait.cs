using System.Threading.Channels;

namespace Broker.Fleet;

/// <summary>How long answers to one question are waited for: nothing tells how many will come.</summary>
/// <param name="known">So many that answer are known to be there; they are waited for, however busy they are.</param>
/// <param name="longest">For all answers together.</param>
internal sealed class AnswerWait(TimeProvider clock, int known, TimeSpan longest)
{
    /// <summary>For those that a queue still counts when the others have answered: they may be stopping, and never answer.</summary>
    public static readonly TimeSpan Missing = TimeSpan.FromSeconds(1);

    /// <summary>The longest there is: for a busy fleet, whose first answer comes late, and for one so large that it never falls quiet.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Consumers answer within milliseconds of each other; when none has for this long, all have that will.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    public async Task<List<T>> CollectAsync<T>(ChannelReader<T> answers, CancellationToken cancellationToken)
    {
        var collected = new List<T>();
        using var over = new CancellationTokenSource(longest, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
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

    // The broker had a queue to put the question on, so at least one is there.
    private TimeSpan LimitAfter(int answers) => answers < Math.Max(known, 1) ? longest : Quiet;
}
