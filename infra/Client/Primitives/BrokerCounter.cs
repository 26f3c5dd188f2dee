using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A counter of units that some give and others take: a semaphore for signalling, where whoever gives need not have taken. For a limit on how many work at once take a semaphore
/// instead, whose permits come back when their holder dies.
/// <para>Waits are served in their order. A process that dies while it waits takes no unit with it; it may hold up those behind it for 5 seconds.</para>
/// <para>Not promised: that a unit is given back when whoever took it dies; that no unit is lost when a take ends with an error of the broker, which then may have been done; fairness towards a
/// try that does not wait, which takes a unit although others wait for it; and that the count stays for ever. A name that nothing was written to for 7 days begins anew.</para>
/// </summary>
public sealed class BrokerCounter
{
    private readonly LoggedState<CounterState> _state;
    private readonly TurnWait<CounterState> _turns;
    private readonly long _initial;

    internal BrokerCounter(PrimitiveLog log, string name, long initial)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initial);
        (Name, _initial) = (name, initial);
        _state = new(log, "counter", name);
        _turns = new(_state, (wait, waits) => new CounterTake(initial, wait, waits), wait => new CounterLeave(initial, wait), _ => new CounterGive(initial, 1), Look);
    }

    public string Name { get; }

    /// <summary>Gives units.</summary>
    /// <param name="units">How many.</param>
    /// <returns>The count afterwards.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: they may have been given.</exception>
    public async Task<long> GiveAsync(int units = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        return (long)(await _state.ApplyAsync(new CounterGive(_initial, units), cancellationToken))!;
    }

    /// <summary>Takes a unit, and waits for one.</summary>
    /// <param name="timeout">Null waits for ever.</param>
    /// <exception cref="TimeoutException">There was none within the timeout.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: a unit may have been taken.</exception>
    public Task TakeAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return TakeOneAsync(timeout, cancellationToken);
    }

    /// <summary>Takes a unit if there is one, or comes one within the timeout.</summary>
    /// <param name="timeout">By default zero: it does not wait.</param>
    /// <returns>Whether a unit was taken.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: a unit may have been taken.</exception>
    public Task<bool> TryTakeAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return TryTakeOneAsync(timeout, cancellationToken);
    }

    /// <summary>How many units there are.</summary>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => _state.ReadAsync(state => state?.Count ?? _initial, consistent: true, cancellationToken);

    private async Task TakeOneAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (!await TryTakeOneAsync(timeout, cancellationToken))
            throw new TimeoutException($"no unit of the counter '{Name}' within {timeout}");
    }

    private async Task<bool> TryTakeOneAsync(TimeSpan? timeout, CancellationToken cancellationToken) => await _turns.TakeAsync(timeout, cancellationToken) is not null;

    private Sighting Look(CounterState? state, Guid wait)
    {
        // A name that was forgotten: enter again.
        if (state is null)
            return new Sighting(true, null);
        var line = state.Line.Look(wait, state.Count);
        return new Sighting(line.Acts, line.Called is { } called ? new CounterPass(_initial, called) : null);
    }
}
