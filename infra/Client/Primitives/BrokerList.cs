using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A list that any number of processes share. Each call is one step in an order that all see; indices count from either end as they are at that step. Every process that uses it has all of it in
/// memory.
/// <para>Not promised: more than 1 MiB; that it is kept for ever, for a name that nothing was written to for 7 days is forgotten; and that operations which ended with an error of the
/// broker were not done. Elements are equal if they are written as the same JSON.</para>
/// </summary>
/// <typeparam name="T">Written as JSON, as jobs are.</typeparam>
public sealed class BrokerList<T>
{
    private readonly LoggedState<ListState> _state;
    private readonly PayloadFormat<T> _format;

    internal BrokerList(PrimitiveLog log, JsonSerializerOptions json, string name)
        : this(new LoggedState<ListState>(log, "list", name), new PayloadFormat<T>(json), name)
    {
    }

    private BrokerList(LoggedState<ListState> state, PayloadFormat<T> format, string name) => (_state, _format, Name) = (state, format, name);

    public string Name { get; }

    /// <inheritdoc cref="BrokerValue{T}.Under"/>
    public BrokerList<T> Under(BrokerHold hold) => new(_state.Under(hold), _format, Name);

    /// <summary>One element.</summary>
    /// <inheritdoc cref="GetRangeAsync"/>
    public async Task<T?> GetAsync(Index index, bool consistent = true, CancellationToken cancellationToken = default) => (await GetRangeAsync(One(index), consistent, cancellationToken))[0];

    /// <summary>All elements as they were at one moment.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public Task<IReadOnlyList<T?>> GetAllAsync(bool consistent = true, CancellationToken cancellationToken = default) => GetRangeAsync(.., consistent, cancellationToken);

    /// <summary>The elements of a range as they were at one moment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in the list.</exception>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<IReadOnlyList<T?>> GetRangeAsync(Range range, bool consistent = true, CancellationToken cancellationToken = default)
    {
        var elements = await _state.ReadAsync(state => (state ?? new ListState()).Range(At(range.Start), At(range.End)), consistent, cancellationToken);
        return _format.Read(elements ?? throw new ArgumentOutOfRangeException(nameof(range), range, $"the list '{Name}' has no such elements"));
    }

    /// <summary>How many elements there are.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public Task<int> CountAsync(bool consistent = true, CancellationToken cancellationToken = default) => _state.ReadAsync(static state => state?.Elements.Count ?? 0, consistent, cancellationToken);

    /// <summary>The index of the first element that is equal; -1 where there is none.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public Task<int> IndexOfAsync(T value, bool consistent = true, CancellationToken cancellationToken = default)
    {
        var json = _format.Write(value);
        return _state.ReadAsync(state => state?.IndexOf(json) ?? -1, consistent, cancellationToken);
    }

    /// <summary>Adds an element at the end.</summary>
    /// <inheritdoc cref="SetRangeAsync"/>
    public Task AppendAsync(T value, CancellationToken cancellationToken = default) => InsertAsync(^0, value, cancellationToken);

    /// <summary>Adds elements at the end, side by side.</summary>
    /// <inheritdoc cref="SetRangeAsync"/>
    public Task ExtendAsync(IEnumerable<T> values, CancellationToken cancellationToken = default) => SetRangeAsync(^0..^0, values, cancellationToken);

    /// <summary>Adds an element before another, or with <c>^0</c> at the end.</summary>
    /// <inheritdoc cref="SetRangeAsync"/>
    public Task InsertAsync(Index index, T value, CancellationToken cancellationToken = default) => SetRangeAsync(index..index, [value], cancellationToken);

    /// <summary>Sets an element.</summary>
    /// <inheritdoc cref="SetRangeAsync"/>
    public Task SetAsync(Index index, T value, CancellationToken cancellationToken = default) => SetRangeAsync(One(index), [value], cancellationToken);

    /// <summary>Puts elements in the place of a range, which may be empty or of another length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the list: nothing was changed.</exception>
    /// <exception cref="PrimitiveTooLargeException">The list would be larger than 1 MiB: nothing was changed.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been done.</exception>
    public Task SetRangeAsync(Range range, IEnumerable<T> values, CancellationToken cancellationToken = default) => SpliceAsync(range, _format.Write(values), cancellationToken);

    /// <summary>Removes an element; <c>^1</c> is the last.</summary>
    /// <returns>The element.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been removed.</exception>
    public async Task<T?> RemoveAtAsync(Index index, CancellationToken cancellationToken = default) => _format.Read((await SpliceAsync(One(index), [], cancellationToken))[0]);

    /// <summary>Removes the first element that is equal.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been removed.</exception>
    public async Task<bool> RemoveAsync(T value, CancellationToken cancellationToken = default) => await _state.ApplyAsync(new ListRemove(_format.Write(value)), cancellationToken) is true;

    /// <summary>Removes all elements.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: they may have been removed.</exception>
    public async Task<int> ClearAsync(CancellationToken cancellationToken = default) => (await SpliceAsync(.., [], cancellationToken)).Count;

    private static int At(Index index) => index.IsFromEnd ? ~index.Value : index.Value;

    private static Range One(Index index) => index switch
    {
        { IsFromEnd: false } => index..(index.Value + 1),
        { Value: > 0 } => index..^(index.Value - 1),
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "there is no element behind the last"),
    };

    private async Task<IReadOnlyList<RawJson>> SpliceAsync(Range range, RawJson[] values, CancellationToken cancellationToken) =>
        (IReadOnlyList<RawJson>)(await _state.ApplyAsync(new ListSplice(At(range.Start), At(range.End), values), cancellationToken))!;
}
