using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A dictionary that any number of processes share. Each call is one step in an order that all see, and keys keep the order in which they were added. Every process that uses it has all of it
/// in memory.
/// <para>Not promised: more than 1 MiB; that it is kept for ever, for a name that nothing was written to for 7 days is forgotten; and that operations which ended with an error of the
/// broker were not done. A change of an object that was read changes nothing until it is set.</para>
/// </summary>
/// <typeparam name="T">Written as JSON, as jobs are.</typeparam>
public sealed class BrokerDictionary<T>
{
    private readonly LoggedState<DictionaryState> _state;
    private readonly PayloadFormat<T> _format;

    internal BrokerDictionary(PrimitiveLog log, JsonSerializerOptions json, string name)
        : this(new LoggedState<DictionaryState>(log, "dict", name), new PayloadFormat<T>(json), name)
    {
    }

    private BrokerDictionary(LoggedState<DictionaryState> state, PayloadFormat<T> format, string name) => (_state, _format, Name) = (state, format, name);

    public string Name { get; }

    /// <inheritdoc cref="BrokerValue{T}.Under"/>
    public BrokerDictionary<T> Under(BrokerHold hold) => new(_state.Under(hold), _format, Name);

    /// <summary>The value of a key; the type's default where there is none.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<T?> GetAsync(string key, bool consistent = true, CancellationToken cancellationToken = default) => (await ReadAsync(key, consistent, cancellationToken)).Value;

    /// <summary>The value of a key and its version; version 0 where there is none. A key that was removed and added has another version than before.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<BrokerVersioned<T>> ReadAsync(string key, bool consistent = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var entry = await _state.ReadAsync(state => state is not null && state.Entries.TryGetValue(key, out var known) ? known : default, consistent, cancellationToken);
        return new BrokerVersioned<T>(_format.Read(entry.Value), entry.Version);
    }

    /// <summary>All entries as they were at one moment, in the order in which their keys were added.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public async Task<IReadOnlyList<KeyValuePair<string, T?>>> GetItemsAsync(bool consistent = true, CancellationToken cancellationToken = default)
    {
        var entries = await _state.ReadAsync<KeyValuePair<string, DictionaryEntry>[]>(static state => state is null ? [] : [.. state.Entries], consistent, cancellationToken);
        return [.. entries.Select(entry => new KeyValuePair<string, T?>(entry.Key, _format.Read(entry.Value.Value)))];
    }

    /// <summary>How many entries there are.</summary>
    /// <inheritdoc cref="BrokerValue{T}.GetAsync"/>
    public Task<int> CountAsync(bool consistent = true, CancellationToken cancellationToken = default) => _state.ReadAsync(static state => state?.Entries.Count ?? 0, consistent, cancellationToken);

    /// <summary>Sets the value of a key.</summary>
    /// <returns>The entry's new version.</returns>
    /// <exception cref="PrimitiveTooLargeException">The dictionary would be larger than 1 MiB.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been set.</exception>
    public async Task<long> SetAsync(string key, T value, CancellationToken cancellationToken = default) => (await SetAsync(key, value, null, cancellationToken)).Current.Version;

    /// <summary>Adds an entry unless the key is there.</summary>
    /// <returns>Whether it was added; and the entry that is there now.</returns>
    /// <inheritdoc cref="SetAsync(string, T, CancellationToken)"/>
    public Task<(bool Done, BrokerVersioned<T> Current)> SetIfAbsentAsync(string key, T value, CancellationToken cancellationToken = default) => SetAsync(key, value, 0, cancellationToken);

    /// <summary>Sets the value of a key if its entry still has a version; 0 if there is none.</summary>
    /// <returns>Whether it was set; and the entry that is there now, with version 0 where there is none.</returns>
    /// <inheritdoc cref="SetAsync(string, T, CancellationToken)"/>
    public Task<(bool Done, BrokerVersioned<T> Current)> CompareAndSetAsync(string key, long version, T value, CancellationToken cancellationToken = default) =>
        SetAsync(key, value, version, cancellationToken);

    /// <summary>Sets many in one step.</summary>
    /// <inheritdoc cref="SetAsync(string, T, CancellationToken)"/>
    public Task UpdateAsync(IEnumerable<KeyValuePair<string, T>> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        List<KeyValuePair<string, T>> all = [.. items];
        // Checked whole: what no state could hold is not sent.
        _ = _format.Write(all.Select(static item => item.Value));
        return _state.ApplyAsync(new DictionaryUpdate([.. all.Select(item => new DictionaryItem(item.Key, _format.Write(item.Value)))]), cancellationToken);
    }

    /// <summary>Removes a key.</summary>
    /// <param name="version">The version that its entry must have; null removes it whatever it is.</param>
    /// <returns>Whether it was there, and its value.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been removed.</exception>
    public async Task<(bool Removed, T? Value)> RemoveAsync(string key, long? version = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return await _state.ApplyAsync(new DictionaryRemove(key, version), cancellationToken) is DictionaryItem item ? (true, _format.Read(item.Value)) : (false, default);
    }

    /// <summary>Removes the entry whose key was added last; null where there is none.</summary>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been removed.</exception>
    public async Task<KeyValuePair<string, T?>?> RemoveLastAsync(CancellationToken cancellationToken = default) =>
        await _state.ApplyAsync(new DictionaryPopLast(), cancellationToken) is DictionaryItem item ? new(item.Key, _format.Read(item.Value)) : null;

    /// <summary>Removes all entries.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: they may have been removed.</exception>
    public async Task<int> ClearAsync(CancellationToken cancellationToken = default) => (int)(await _state.ApplyAsync(new DictionaryClear(), cancellationToken))!;

    internal async Task<T> AddAsync(string key, T delta, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _format.Read((RawJson)(await _state.ApplyAsync(new DictionaryAdd(key, _format.Write(delta), Numbers.TypeOf<T>()), cancellationToken))!)!;
    }

    private async Task<(bool Done, BrokerVersioned<T> Current)> SetAsync(string key, T value, long? version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var change = (ValueChange)(await _state.ApplyAsync(new DictionarySet(key, _format.Write(value), version), cancellationToken))!;
        return (change.Done, new BrokerVersioned<T>(_format.Read(change.Value), change.Version));
    }
}
