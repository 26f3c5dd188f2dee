using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// How many deliveries of a job ended with their process. The broker counts lost connections too, and a process that is reconnecting cannot say at once that it
/// lives: before a job is quarantined or given up, all processes are asked and have some time to answer.
/// </summary>
internal sealed class CrashCount(LostJobs lost, Func<AskLosses, Task> askAsync, TimeProvider clock)
{
    /// <summary>For an answer by processes whose connections stand, where a missed answer costs some messages and no job: these answer within milliseconds.</summary>
    public static readonly TimeSpan QuickAnswerTimeout = TimeSpan.FromSeconds(0.3);

    /// <summary>For an answer where the job is given up otherwise.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>For an answer by processes that are reconnecting, as this one had to.</summary>
    public static readonly TimeSpan ReconnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long after a loss of its own a process allows for others that still reconnect.</summary>
    public static readonly TimeSpan LossIsRecent = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>By what is known here.</summary>
    public long Of(RunJob job, long redeliveries) => redeliveries == 0 ? 0 : Math.Max(0, redeliveries - lost.CountOf(job));

    /// <summary>By what any process knows.</summary>
    /// <param name="job">The job.</param>
    /// <param name="redeliveries">The broker's count.</param>
    /// <param name="final">Whether the job is given up if nobody answers.</param>
    /// <param name="cancellationToken">Ends the wait for answers.</param>
    public async Task<long> AskAsync(RunJob job, long redeliveries, bool final, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var timeout = lost.SinceLastLoss < LossIsRecent ? ReconnectTimeout : final ? AnswerTimeout : QuickAnswerTimeout;
        var question = new AskLosses { JobId = job.JobId, Index = job.Indices[0] };
        var asked = TimeSpan.MinValue;
        while (true)
        {
            var changed = lost.Changed;
            var elapsed = clock.GetElapsedTime(begun);
            if (Of(job, redeliveries) is var crashes && (crashes == 0 || elapsed >= timeout))
                return crashes;
            if (asked == TimeSpan.MinValue || elapsed - asked >= AskAgainAfter)
            {
                asked = elapsed;
                await TryAskAsync(question, cancellationToken);
            }

            var wait = TimeSpan.FromTicks(Math.Min((timeout - elapsed).Ticks, (asked + AskAgainAfter - elapsed).Ticks));
            if (wait > TimeSpan.Zero)
                await Task.WhenAny(changed, Task.Delay(wait, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task TryAskAsync(AskLosses question, CancellationToken cancellationToken)
    {
        try
        {
            await askAsync(question).WaitAsync(cancellationToken);
        }
        catch (BrokerUnavailableException)
        {
            // Asked again while there is time.
        }
    }
}
