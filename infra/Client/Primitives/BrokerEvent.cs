using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A flag that any number of processes wait for. It wakes all who waited when it was set, also those who notice only after it has been cleared again.
/// <para>Not promised: that it stays set for ever. A name that nothing was written to for 7 days is forgotten, and its event is then not set.</para>
/// </summary>
public sealed class BrokerEvent
{
    private readonly LoggedState<EventState> _state;

    internal BrokerEvent(PrimitiveLog log, string name)
    {
        Name = name;
        _state = new(log, "event", name);
    }

    public string Name { get; }

    /// <summary>Sets it.</summary>
    /// <returns>Whether it was not set before.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been set.</exception>
    public async Task<bool> SetAsync(CancellationToken cancellationToken = default) => await _state.ApplyAsync(new EventSet(), cancellationToken) is true;

    /// <summary>Clears it.</summary>
    /// <returns>Whether it was set before.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been cleared.</exception>
    public async Task<bool> ClearAsync(CancellationToken cancellationToken = default) => await _state.ApplyAsync(new EventClear(), cancellationToken) is true;

    /// <summary>Whether it is set.</summary>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public Task<bool> IsSetAsync(CancellationToken cancellationToken = default) => _state.ReadAsync(static state => state?.IsSet == true, consistent: true, cancellationToken);

    /// <summary>Waits until it is set. Once begun, a wait goes on through any absence of the broker.</summary>
    /// <param name="timeout">Null waits for ever; zero looks once.</param>
    /// <returns>Whether it was set within the timeout, which begins when the event has been looked at once.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds when the wait began.</exception>
    public Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return WaitUntilSetAsync(timeout, cancellationToken);
    }

    private async Task<bool> WaitUntilSetAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        // A place in the log, and not a look at whatever has been read: a pulse before it does not end the wait, and one after it does.
        var begun = (EventView)(await _state.ApplyAsync(new EventLook(), cancellationToken))!;
        return begun.IsSet || await _state.UntilAsync(state => state is not null && (state.IsSet || state.Pulses > begun.Pulses), timeout, cancellationToken);
    }
}
