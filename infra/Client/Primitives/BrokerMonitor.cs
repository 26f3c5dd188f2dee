using System.Diagnostics;
using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// The inside of a <see cref="BrokerCondition"/>: the lock is held, but for the time of a wait. One task at a time uses it.
/// <para>A wait releases the lock and acquires it anew, so <see cref="Hold"/> is another one afterwards. When a wait throws, the lock is not held.</para>
/// </summary>
public sealed class BrokerMonitor : IAsyncDisposable
{
    private readonly BrokerCondition _condition;
    private BrokerHold? _hold;

    internal BrokerMonitor(BrokerCondition condition, BrokerHold hold) => (_condition, _hold) = (condition, hold);

    /// <summary>The lock's hold now: its number guards what is written inside, and its token says when the lock is lost.</summary>
    /// <exception cref="InvalidOperationException">The lock is not held: a wait threw, or this was disposed of.</exception>
    public BrokerHold Hold => _hold ?? throw new InvalidOperationException($"the lock of the condition '{_condition.Name}' is not held: a wait on it threw, or it was released");

    /// <summary>Releases the lock, waits for a notification, and acquires the lock again, however long others hold it.</summary>
    /// <param name="timeout">Of the wait for a notification; null waits for ever.</param>
    /// <param name="cancellationToken">Ends the wait; the lock is then not held.</param>
    /// <returns>Whether it was notified.</returns>
    /// <exception cref="FencedException">The lock was lost before.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return WaitForNotificationAsync(timeout, cancellationToken);
    }

    /// <summary>Waits until a predicate holds; it is asked inside the lock, first now and then after each notification.</summary>
    /// <param name="predicate">Given the hold under which it looks.</param>
    /// <param name="timeout">Of all waits together; null waits for ever.</param>
    /// <returns>Whether it holds.</returns>
    /// <inheritdoc cref="WaitAsync"/>
    public Task<bool> WaitForAsync(Func<BrokerHold, CancellationToken, Task<bool>> predicate, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        _ = WaitTimeout.Of(timeout);
        return WaitForPredicateAsync(predicate, timeout is { } time && time != Timeout.InfiniteTimeSpan ? time : null, cancellationToken);
    }

    /// <summary>Wakes those that have waited longest. They go on when the lock is released.</summary>
    /// <param name="count">How many at most.</param>
    /// <returns>How many were waiting to be woken.</returns>
    /// <exception cref="FencedException">The lock was lost before: nobody was woken.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds: they may have been woken.</exception>
    public async Task<int> NotifyAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(await _condition.State.Under(Hold).ApplyAsync(new ConditionNotify(count), cancellationToken))!;
    }

    /// <summary>Wakes all who wait.</summary>
    /// <inheritdoc cref="NotifyAsync"/>
    public Task<int> NotifyAllAsync(CancellationToken cancellationToken = default) => NotifyAsync(int.MaxValue, cancellationToken);

    /// <summary>Releases the lock, if it is held.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _hold, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<bool> WaitForPredicateAsync(Func<BrokerHold, CancellationToken, Task<bool>> predicate, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await predicate(Hold, cancellationToken))
        {
            var left = timeout - Stopwatch.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                return false;
            await WaitForNotificationAsync(left, cancellationToken);
        }

        return true;
    }

    private async Task<bool> WaitForNotificationAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var wait = Guid.NewGuid();
        bool notified;
        try
        {
            await _condition.State.Under(Hold).ApplyAsync(new ConditionWait(wait), cancellationToken);
            await DisposeAsync();
            notified = await _condition.State.UntilAsync(state => state?.Waiters.Contains(wait) != true, timeout, cancellationToken);
            // A notification that came before the cancellation in the log counts.
            if (!notified)
                notified = await _condition.State.ApplyAsync(new ConditionCancel(wait), cancellationToken) is false;
        }
        catch
        {
            _ = TryCancelAsync(wait);
            await DisposeAsync();
            throw;
        }

        _hold = await _condition.AcquireAsync(cancellationToken);
        return notified;
    }

    /// <summary>What is cancelled or failed may be registered nevertheless, and would take a notification.</summary>
    private async Task TryCancelAsync(Guid wait)
    {
        try
        {
            await _condition.State.ApplyAsync(new ConditionCancel(wait), CancellationToken.None);
        }
        catch (Exception e) when (e is BrokerUnavailableException or ObjectDisposedException)
        {
            // It takes one notification, as a waiter that has died.
        }
    }
}
