using Broker.Primitives;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>A lock, or the permits of a semaphore where a number is given.</summary>
internal sealed class Permits(BrokerPrimitives primitives, string name, int? permits)
{
    private readonly BrokerLock? _lock = permits is null ? primitives.Lock(name) : null;
    private readonly BrokerSemaphore? _semaphore = permits is { } number ? primitives.Semaphore(name, number) : null;

    /// <param name="timeout">Null waits for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<BrokerHold?> TakeAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        _lock?.TryAcquireAsync(timeout ?? Timeout.InfiniteTimeSpan, cancellationToken) ?? _semaphore!.TryAcquireAsync(timeout ?? Timeout.InfiniteTimeSpan, cancellationToken);

    public Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken) => _lock?.GetStatusAsync(cancellationToken) ?? _semaphore!.GetStatusAsync(cancellationToken);

    public Task<bool> BreakAsync(CancellationToken cancellationToken) => _lock?.BreakAsync(cancellationToken) ?? _semaphore!.BreakAsync(cancellationToken);
}
