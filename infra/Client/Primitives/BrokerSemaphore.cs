using Broker.Connection;
using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// A fixed number of permits for all processes that use its name. Waiters are served in order. A holder that dies returns its permit: at once when its process ends, after at most ten seconds when its
/// machine or network is silent. Not promised: that never more than this number are at work, see <see cref="BrokerHold"/>; and fences of different permits are not comparable.
/// A try may miss a permit in the moment in which another process returns it, or looks whether the queue is alive. For names see <see cref="BrokerLock"/>.
/// </summary>
public sealed class BrokerSemaphore
{
    /// <summary>The largest number of permits: each is a message on the broker.</summary>
    public const int MaxPermits = 10_000;

    internal const string Type = "semaphore";

    private readonly TokenKernel _kernel;
    private readonly TokenSet _set;

    internal BrokerSemaphore(TokenKernel kernel, string name, int permits)
        : this(kernel, Type, name, permits)
    {
    }

    internal BrokerSemaphore(TokenKernel kernel, string type, string name, int permits)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, MaxPermits);
        _kernel = kernel;
        _set = new TokenSet(type, name, permits);
    }

    public string Name => _set.Name;

    /// <summary>All who use a name give the same number.</summary>
    public int Permits => _set.Permits;

    /// <summary>Waits for a permit.</summary>
    /// <param name="timeout">How long; null or <see cref="Timeout.InfiniteTimeSpan"/> waits for ever, through any absence of the broker.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">None was free in time.</exception>
    /// <exception cref="InvalidOperationException">The name is in use with another number of permits.</exception>
    /// <exception cref="BrokerUnavailableException">The broker refuses us, or was away at the end of the timeout.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative or longer than 24.8 days.</exception>
    public Task<BrokerHold> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var wait = WaitTimeout.Of(timeout);
        return AcquireAsync();

        async Task<BrokerHold> AcquireAsync() => new(await TakeAsync(1, wait, cancellationToken) ?? throw new TimeoutException($"{_set} was not free within {wait}"));
    }

    /// <summary>Takes a permit if one is free in time.</summary>
    /// <param name="timeout">How long to wait; zero, the default, only looks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if none was.</returns>
    /// <exception cref="InvalidOperationException">The name is in use with another number of permits.</exception>
    /// <exception cref="BrokerUnavailableException">The broker refuses us, or is away.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative or longer than 24.8 days.</exception>
    public Task<BrokerHold?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        var wait = WaitTimeout.Of(timeout);
        return TryAcquireAsync();

        async Task<BrokerHold?> TryAcquireAsync() => await TakeAsync(1, wait, cancellationToken) is { } hold ? new BrokerHold(hold) : null;
    }

    /// <summary>Looks who holds permits, and how many are free and awaited.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var holders = await _kernel.HoldersAsync(_set, cancellationToken);
        var (free, consumers) = await _kernel.CountAsync(_set, cancellationToken);
        return new BrokerPermitStatus(free, Math.Max(0, consumers - (Permits - free)), [.. holders.Select(holder => new BrokerHolder(holder.Host, holder.ProcessId, holder.Since, holder.Fence, holder.Permit))]);
    }

    /// <summary>
    /// Makes all permits free whoever holds them, and of the number given here. For an operator: the holders are told by their <see cref="BrokerHold.LostToken"/>, and may work on until they hear it.
    /// </summary>
    /// <returns>Whether the name was in use.</returns>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public Task<bool> BreakAsync(CancellationToken cancellationToken = default) => _kernel.Epochs.BreakAsync(_set, cancellationToken);

    /// <summary>How many hold or await permits.</summary>
    internal async Task<int> CountConsumersAsync(CancellationToken cancellationToken) => (await _kernel.CountAsync(_set, cancellationToken)).Consumers;

    internal Task<TokenHold?> TakeAsync(int wanted, TimeSpan timeout, CancellationToken cancellationToken) => _kernel.TakeAsync(_set, wanted, timeout, cancellationToken);
}
