using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// An array of fixed length that any number of processes share. Each call is one step in an order that all see: a range that is set is seen whole or not at all. Elements that were never set
/// read as the type's default.
/// <para>Not promised: speed beyond some hundred changes per second and process; more than 1 MiB; that it is kept for ever, for a name that nothing was written to for 7 days is
/// forgotten; and that operations which ended with an error of the broker were not done.</para>
/// </summary>
/// <typeparam name="T">Written as JSON, as jobs are.</typeparam>
public sealed class BrokerArray<T>
{
    /// <summary>The longest array: that of which an empty one fits.</summary>
    internal const int MaxLength = 32_000;

    private readonly LoggedState<ArrayState> _state;
    private readonly PayloadFormat<T> _format;

    internal BrokerArray(PrimitiveLog log, JsonSerializerOptions json, string name, int length)
        : this(new LoggedState<ArrayState>(log, "array", name), new PayloadFormat<T>(json), name, length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
    }

    private BrokerArray(LoggedState<ArrayState> state, PayloadFormat<T> format, string name, int length) => (_state, _format, Name, Length) = (state, format, name, length);

    public string Name { get; }

    /// <summary>The number of elements; the same for all who use the array.</summary>
    public int Length { get; }

    /// <inheritdoc cref="BrokerValue{T}.Under"/>
    public BrokerArray<T> Under(BrokerHold hold) => new(_state.Under(hold), _format, Name, Length);

    /// <summary>One element.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<T?> GetAsync(int index, bool consistent = true, CancellationToken cancellationToken = default) => (await GetRangeAsync(index, 1, consistent, cancellationToken))[0];

    /// <summary>All elements.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public Task<IReadOnlyList<T?>> GetAllAsync(bool consistent = true, CancellationToken cancellationToken = default) => GetRangeAsync(0, Length, consistent, cancellationToken);

    /// <summary>Elements that lie side by side, as they were at one moment.</summary>
    /// <exception cref="InvalidOperationException">The array exists with another length.</exception>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<IReadOnlyList<T?>> GetRangeAsync(int start, int count, bool consistent = true, CancellationToken cancellationToken = default)
    {
        CheckRange(start, count);
        var (length, elements) = await _state.ReadAsync<(int Length, List<RawJson> Elements)>(
            state => state is null ? (Length, [.. new RawJson[count]]) : (state.Elements.Count, state.Elements.Count == Length ? state.Elements.GetRange(start, count) : []),
            consistent, cancellationToken);
        return length == Length ? _format.Read(elements) : throw new InvalidOperationException($"the array '{Name}' exists with {length} elements: all who use it give the same length");
    }

    /// <summary>Sets one element.</summary>
    /// <inheritdoc cref="SetRangeAsync"/>
    public Task SetAsync(int index, T value, CancellationToken cancellationToken = default) => SetRangeAsync(index, [value], cancellationToken);

    /// <summary>Sets elements that lie side by side, in one step.</summary>
    /// <exception cref="PrimitiveTooLargeException">The array would be larger than 1 MiB.</exception>
    /// <exception cref="InvalidOperationException">The array exists with another length.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: they may have been set.</exception>
    public Task SetRangeAsync(int start, IEnumerable<T> values, CancellationToken cancellationToken = default)
    {
        var json = _format.Write(values);
        CheckRange(start, json.Length);
        return _state.ApplyAsync(new ArraySet(Length, start, json), cancellationToken);
    }

    internal async Task<T> AddAsync(int index, T delta, CancellationToken cancellationToken)
    {
        CheckRange(index, 1);
        return _format.Read((RawJson)(await _state.ApplyAsync(new ArrayAdd(Length, index, _format.Write(delta), Numbers.TypeOf<T>()), cancellationToken))!)!;
    }

    private void CheckRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - count);
    }
}
