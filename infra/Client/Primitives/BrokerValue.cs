using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A value that any number of processes share. Each change is one step in an order that all see, so no update is lost; a value that is read and then set needs
/// <see cref="CompareAndSetAsync"/>, or a lock and <see cref="Under"/>. One that was never set reads as the type's default.
/// <para>Not promised: more than 1 MiB; that it is kept for ever, for a name that nothing was written to for 7 days is forgotten; and that operations which ended with an error of the
/// broker were not done.</para>
/// </summary>
/// <typeparam name="T">Written as JSON, as jobs are.</typeparam>
public sealed class BrokerValue<T>
{
    private readonly LoggedState<ValueState> _state;
    private readonly PayloadFormat<T> _format;

    internal BrokerValue(PrimitiveLog log, JsonSerializerOptions json, string name)
        : this(new LoggedState<ValueState>(log, "value", name), new PayloadFormat<T>(json), name)
    {
    }

    private BrokerValue(LoggedState<ValueState> state, PayloadFormat<T> format, string name) => (_state, _format, Name) = (state, format, name);

    public string Name { get; }

    /// <summary>
    /// The same value as the holder of a lock sees it: what earlier holders write from now on, because they were not told in time that they had lost the lock, changes nothing and ends with a
    /// <see cref="FencedException"/>.
    /// </summary>
    /// <param name="hold">Of a lock that all who write this value under holds have in common.</param>
    public BrokerValue<T> Under(BrokerHold hold) => new(_state.Under(hold), _format, Name);

    /// <summary>The value.</summary>
    /// <param name="consistent">
    /// Whether it is at least as new as any that was set before this call by anybody, which takes a round trip to the broker. Otherwise it is what this process has heard so far, never older than what it saw before.
    /// </param>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public async Task<T?> GetAsync(bool consistent = true, CancellationToken cancellationToken = default) => (await ReadAsync(consistent, cancellationToken)).Value;

    /// <summary>The value and its version.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<BrokerVersioned<T>> ReadAsync(bool consistent = true, CancellationToken cancellationToken = default)
    {
        var (value, version) = await _state.ReadAsync(static state => (state?.Value ?? default, state?.Version ?? 0), consistent, cancellationToken);
        return new BrokerVersioned<T>(_format.Read(value), version);
    }

    /// <summary>Sets it, whatever it is.</summary>
    /// <returns>The new version.</returns>
    /// <exception cref="PrimitiveTooLargeException">It is larger than 1 MiB.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been set.</exception>
    public async Task<long> SetAsync(T value, CancellationToken cancellationToken = default) => (await ChangeAsync(new ValueSet(_format.Write(value), null), cancellationToken)).Version;

    /// <summary>Sets it if it still has a version; 0 if it was never set. Of many who try with the same version, one succeeds.</summary>
    /// <returns>Whether it was set; and the value that is there now.</returns>
    /// <inheritdoc cref="SetAsync"/>
    public async Task<(bool Done, BrokerVersioned<T> Current)> CompareAndSetAsync(long version, T value, CancellationToken cancellationToken = default)
    {
        var change = await ChangeAsync(new ValueSet(_format.Write(value), version), cancellationToken);
        return (change.Done, Of(change));
    }

    /// <inheritdoc cref="BrokerNumbers.AddAsync{T}(BrokerValue{T}, T, CancellationToken)"/>
    internal async Task<T> AddAsync(T delta, CancellationToken cancellationToken) =>
        _format.Read((await ChangeAsync(new ValueAdd(_format.Write(delta), Numbers.TypeOf<T>()), cancellationToken)).Value)!;

    private async Task<ValueChange> ChangeAsync(ValueOperation operation, CancellationToken cancellationToken) => (ValueChange)(await _state.ApplyAsync(operation, cancellationToken))!;

    private BrokerVersioned<T> Of(ValueChange change) => new(_format.Read(change.Value), change.Version);
}
