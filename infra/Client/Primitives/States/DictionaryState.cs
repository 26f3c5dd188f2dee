using System.Text.Json.Serialization;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <param name="Version">Of the dictionary when the entry was last set, so that no two changes of it have the same, not even if it was removed between.</param>
[method: JsonConstructor]
internal readonly record struct DictionaryEntry(RawJson Value, long Version);

internal sealed class DictionaryState : PrimitiveState
{
    /// <summary>In the order in which they were added; keeps it when written and read as JSON.</summary>
    public OrderedDictionary<string, DictionaryEntry> Entries { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Grows by one with each entry that is set.</summary>
    public long Version { get; set; }

    public long Size { get; set; }

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        DictionarySet set => Set(set),
        DictionaryUpdate update => Set(update.Items) ? true : new Refused(Refusal.TooLarge),
        DictionaryAdd add => Add(add),
        DictionaryRemove remove when Entries.TryGetValue(remove.Key, out var entry) && (remove.Version ?? entry.Version) == entry.Version => Remove(remove.Key, entry),
        DictionaryPopLast when Entries.Count > 0 && Entries.GetAt(Entries.Count - 1) is var last => Remove(last.Key, last.Value),
        DictionaryClear => Clear(),
        _ => null,
    };

    private object Set(DictionarySet set)
    {
        var entry = Entries.TryGetValue(set.Key, out var known) ? known : default;
        if (set.Version is { } version && version != entry.Version)
            return new ValueChange(false, entry.Value, entry.Version);
        return Set([new DictionaryItem(set.Key, set.Value)]) ? new ValueChange(true, set.Value, Version) : new Refused(Refusal.TooLarge);
    }

    private object Add(DictionaryAdd add) =>
        Numbers.Add(add.Type, Entries.TryGetValue(add.Key, out var entry) ? entry.Value : default, add.Delta) switch
        {
            RawJson sum => Set([new DictionaryItem(add.Key, sum)]) ? sum : new Refused(Refusal.TooLarge),
            var refused => refused,
        };

    private bool Set(IReadOnlyList<DictionaryItem> items)
    {
        var size = Size;
        // Of a key that is named twice, the last value counts.
        var last = new Dictionary<string, RawJson>(items.Count);
        foreach (var item in items)
            last[item.Key] = item.Value;
        foreach (var (key, value) in last)
            size += StateSize.Of(key, value) - (Entries.TryGetValue(key, out var entry) ? StateSize.Of(key, entry.Value) : 0);
        if (size > StateSize.Limit)
            return false;
        foreach (var item in items)
            Entries[item.Key] = new DictionaryEntry(last[item.Key], ++Version);
        Size = size;
        return true;
    }

    private DictionaryItem Remove(string key, DictionaryEntry entry)
    {
        Entries.Remove(key);
        Size -= StateSize.Of(key, entry.Value);
        return new DictionaryItem(key, entry.Value);
    }

    private int Clear()
    {
        var count = Entries.Count;
        Entries.Clear();
        Size = 0;
        return count;
    }
}
