using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives;

/// <summary>Takes a unit of a state that has a line: a counter's, or a slot of a queue.</summary>
/// <param name="state">The state.</param>
/// <param name="take">Takes a unit, or enters the line if the second argument says so; its outcome is null where no unit was taken.</param>
/// <param name="leave">Ends a wait.</param>
/// <param name="giveBack">Makes good for a unit that was taken, by the outcome of <paramref name="take"/>.</param>
/// <param name="look">What a wait sees; it is over when it has to take its turn or to enter again.</param>
internal sealed class TurnWait<TState>(
    LoggedState<TState> state, Func<Guid, bool, Operation> take, Func<Guid, Operation> leave, Func<object, Operation> giveBack, Func<TState?, Guid, Sighting> look)
    where TState : PrimitiveState
{
    /// <returns>The outcome; null when the timeout came first.</returns>
    public async Task<object?> TakeAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wait = Guid.NewGuid();
        if (timeout == TimeSpan.Zero)
            return await TakeAsync(wait, waits: false, cancellationToken);
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        while (true)
        {
            if (await TakeAsync(wait, waits: true, cancellationToken) is { } taken)
                return taken;
            try
            {
                await SilenceWait.UntilAsync(state, now => look(now, wait), limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Leaves the line, and takes what is there although others wait for it: they may be dead.
                return await TakeAsync(wait, waits: false, cancellationToken);
            }
            catch
            {
                _ = UndoAsync(Task.FromResult<object?>(null), wait);
                throw;
            }
        }
    }

    /// <summary>A call that is cancelled must not keep a unit which nobody knows of, so the operation is not cancelled with it.</summary>
    private async Task<object?> TakeAsync(Guid wait, bool waits, CancellationToken cancellationToken)
    {
        var taking = state.ApplyAsync(take(wait, waits), CancellationToken.None);
        try
        {
            return await taking.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = UndoAsync(taking, wait);
            throw;
        }
    }

    private async Task UndoAsync(Task<object?> taking, Guid wait)
    {
        try
        {
            await state.ApplyAsync(await taking is { } taken ? giveBack(taken) : leave(wait), CancellationToken.None);
        }
        catch (Exception e) when (e is BrokerUnavailableException or PrimitiveClosedException or ObjectDisposedException)
        {
            // The wait holds nothing, and is passed over when its turn comes.
        }
    }
}
