using System.Diagnostics.CodeAnalysis;
using Broker.Connection;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>
/// Cancels what is not wanted any more: batches whose calls ended before their last outcome, copies of jobs that were sent again. No call waits for that; ids that come while earlier ones are being sent travel together in the next message.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A send that the end left behind may still look at the token; without a timer its source owns nothing.")]
internal sealed class LeftJobs(Func<IReadOnlyList<Guid>, CancellationToken, Task> cancelAsync, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private List<Guid> _waiting = [];
    private Task? _sending;
    private volatile BrokerUnavailableException? _error;

    /// <summary>Cancels a batch or a job.</summary>
    public void Add(Guid id)
    {
        lock (_lock)
        {
            _waiting.Add(id);
            _sending ??= CallerContext.RunOutsideAsync(SendAsync);
        }
    }

    /// <summary>Waits until all is confirmed; nothing is sent afterwards.</summary>
    /// <param name="timeout">How long it waits at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why not all is confirmed; null where it is.</returns>
    public async Task<BrokerUnavailableException?> EndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task? sending;
        lock (_lock)
            sending = _sending;
        if (sending is not null)
            await Task.WhenAny(sending, Task.Delay(timeout, cancellationToken));
        // Looked at before: its end by the token is none.
        var isConfirmed = sending is null or { IsCompleted: true };
        await _ended.CancelAsync();
        return _error ?? (isConfirmed ? null : new BrokerUnavailableException($"the broker did not confirm within {timeout.TotalSeconds:0} s that jobs are cancelled"));
    }

    private async Task SendAsync()
    {
        while (true)
        {
            List<Guid> ids;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _sending = null;
                    return;
                }

                (ids, _waiting) = (_waiting, []);
            }

            await CancelAsync(ids);
        }
    }

    private async Task CancelAsync(List<Guid> ids)
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await cancelAsync(ids, _ended.Token);
                _error = null;
                return;
            }
            catch (Exception e)
            {
                log.LogDebug(e, "the jobs of {Batches} batches that were left could not be cancelled", ids.Count);
                if (!_ended.IsCancellationRequested)
                    _error = e as BrokerUnavailableException ?? new BrokerUnavailableException($"the jobs of open calls could not be cancelled: {e.Message}", e);
                if (e is not BrokerUnavailableException { CanRetry: true })
                    return;
            }

            await Task.Delay(RetryDelay, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
