using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives;

/// <summary>What a wait sees.</summary>
/// <param name="Done">Whether it is over.</param>
/// <param name="Remedy">What takes away that which stands in its way, should that be because a process has died. Null where nothing of the kind does.</param>
internal sealed record Sighting(bool Done, Operation? Remedy);

/// <summary>A wait that depends on others who may have died: what stands in its way unchanged for some time is taken away. A process that lives acts within a round trip.</summary>
internal static class SilenceWait
{
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    public static async Task UntilAsync<TState>(LoggedState<TState> state, Func<TState?, Sighting> look, CancellationToken cancellationToken)
        where TState : PrimitiveState
    {
        while (await state.ReadAsync(look, consistent: false, cancellationToken) is { Done: false } seen)
        {
            using var silence = WaitTimeout.Limit(seen.Remedy is null ? null : Silence, cancellationToken);
            try
            {
                await state.UntilAsync(now => look(now) != seen, silence.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await RemoveAsync(state, seen.Remedy!, cancellationToken);
            }
        }
    }

    private static async Task RemoveAsync<TState>(LoggedState<TState> state, Operation remedy, CancellationToken cancellationToken)
        where TState : PrimitiveState
    {
        try
        {
            await state.ApplyAsync(remedy, cancellationToken);
        }
        catch (BrokerUnavailableException e) when (e.CanRetry)
        {
            // The wait goes on when the broker is back, and looks again.
        }
    }
}
