using Broker.Primitives.Log;
using Broker.Primitives.States;
using Broker.Topology;

namespace Broker.Primitives;

/// <summary>The state of one name in the log, under a hold or under none.</summary>
internal sealed class LoggedState<TState>(PrimitiveLog log, PrimitiveKey key, long? fence)
    where TState : PrimitiveState
{
    /// <param name="log">The log.</param>
    /// <param name="type">Of the primitive.</param>
    /// <param name="name">Any text: a long or odd one is hashed.</param>
    public LoggedState(PrimitiveLog log, string type, string name)
        : this(log, new PrimitiveKey(type, SafeName.Of(name)), null)
    {
    }

    /// <summary>
    /// The same under a hold. Every read then begins with a record that makes the writes of earlier holders void, so that nothing changes between it and the write that depends on it.
    /// </summary>
    public LoggedState<TState> Under(BrokerHold hold)
    {
        ArgumentNullException.ThrowIfNull(hold);
        return new(log, key, hold.Fence);
    }

    /// <inheritdoc cref="PrimitiveLog.ApplyAsync"/>
    /// <exception cref="PrimitiveTooLargeException">The state would be too large.</exception>
    /// <exception cref="PrimitiveClosedException">It is closed.</exception>
    public async Task<object?> ApplyAsync(Operation operation, CancellationToken cancellationToken)
    {
        var outcome = await log.ApplyAsync(key, operation, fence, cancellationToken);
        return outcome is Refused refused ? throw ErrorOf(refused) : outcome;
    }

    /// <inheritdoc cref="PrimitiveLog.LookAsync"/>
    /// <exception cref="FencedException">A later holder has begun already.</exception>
    public async Task<T> ReadAsync<T>(Func<TState?, T> look, bool consistent, CancellationToken cancellationToken)
    {
        if (fence is { } number)
            await log.BeginAsync(key, number, cancellationToken);
        return await log.LookAsync(key, look, consistent && fence is null, cancellationToken);
    }

    /// <summary>Waits until the state is as wanted; its absence is a state too.</summary>
    public Task UntilAsync(Func<TState?, bool> look, CancellationToken cancellationToken) =>
        log.UntilAsync<TState, object>(key, state => look(state) ? this : null, cancellationToken);

    /// <returns>False when the timeout came first.</returns>
    public async Task<bool> UntilAsync(Func<TState?, bool> look, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        try
        {
            await UntilAsync(look, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private Exception ErrorOf(Refused refused) => refused.Reason switch
    {
        Refusal.TooLarge => new PrimitiveTooLargeException($"'{key}' would be larger than {(refused.Actual > 0 ? $"{refused.Actual} items" : "1 MiB")}"),
        Refusal.OutOfRange => new ArgumentOutOfRangeException(null, $"'{key}' has {refused.Actual} elements, and the index lies outside of them"),
        Refusal.OtherLength => new InvalidOperationException($"'{key}' exists with {refused.Actual} elements: all who use it give the same length"),
        Refusal.NotANumber => new InvalidOperationException($"'{key}' holds something there that is no number of this type"),
        Refusal.Overflow => new OverflowException($"'{key}' would leave the range of its type"),
        Refusal.Closed => new PrimitiveClosedException($"'{key}' is closed"),
        _ => new InvalidOperationException($"'{key}': {refused}"),
    };
}
