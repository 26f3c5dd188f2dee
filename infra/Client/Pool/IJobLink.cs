using Broker.Contracts.Messages;
using Broker.Fleet;

namespace Broker.Pool;

/// <summary>The way of a pool's jobs to whoever runs them: by the broker, or within this process. Outcomes come back by a callback.</summary>
internal interface IJobLink : IAsyncDisposable
{
    /// <summary>Has everything ready for jobs of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="receive">Whether outcomes are waited for.</param>
    /// <param name="prioritized">Whether the jobs have a priority: where that has no effect, it is said.</param>
    /// <param name="end">Bounds the wait for a broker that is away.</param>
    Task<JobRoute> PrepareAsync(string kind, bool receive, bool prioritized, CallEnd end);

    /// <summary>Says on the stream of a detached batch's outcomes that it begins, or how many items it has.</summary>
    /// <exception cref="NotSupportedException">Jobs run in this process.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker is away, or refuses us.</exception>
    Task AnnounceAsync(BatchDetached batch, CancellationToken cancellationToken);

    /// <summary>Has jobs end that run, and not start that do not; returns when that is safe.</summary>
    /// <param name="ids">Of batches and of jobs.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="Connection.BrokerUnavailableException">The broker is away, or refuses us.</exception>
    Task CancelAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);
}

/// <summary>How the jobs of one call travel.</summary>
/// <param name="ReplyTo">Where outcomes are to be sent now; gives null where no caller waits.</param>
/// <param name="SendAsync">Returns when a job, given with its body, is safe; tries for so long while the broker is away.</param>
/// <param name="Fleet">Tells whether somebody serves the kind; null where that is known.</param>
/// <param name="Watch">Watches calls that wait; null where nothing can be lost.</param>
internal sealed record JobRoute(Func<string?> ReplyTo, Func<RunJob, byte[], TimeSpan, CancellationToken, Task> SendAsync, FleetClient? Fleet, SilenceWatch? Watch = null);
