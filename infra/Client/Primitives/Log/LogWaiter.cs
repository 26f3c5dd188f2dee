namespace Broker.Primitives.Log;

/// <summary>Who waits for a state of a name.</summary>
internal abstract class LogWaiter
{
    /// <summary>Looks at the state; under the fold's lock.</summary>
    /// <returns>Whether the wait is over.</returns>
    public abstract bool Look(Func<PrimitiveState?> state);
}

/// <inheritdoc/>
internal sealed class LogWaiter<TState, T>(Func<TState?, T?> look) : LogWaiter
    where TState : PrimitiveState
    where T : class
{
    private readonly TaskCompletionSource<T> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Seen => _seen.Task;

    public override bool Look(Func<PrimitiveState?> state)
    {
        try
        {
            return look(state() as TState) is { } result && _seen.TrySetResult(result);
        }
        catch (Exception e)
        {
            return _seen.TrySetException(e);
        }
    }
}
