namespace Broker.Pool;

/// <summary>
/// How many items the next message holds. Aims at 50 ms of work a message: there the cost of a message (about 0.2 ms over both
/// programs and the broker) is lost in the work, and a lost consumer costs little. Learned from the outcomes; starts at one item.
/// </summary>
internal sealed class ChunkSizer(int? fixedItems, long? expectedItems)
{
    /// <summary>A message is closed when it is this large, whatever it holds.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxItems = 5000;
    private const int GrowthPerStep = 8;

    /// <summary>A batch of known length leaves this many messages to every slot of the fleet, so that none stands idle at the end.</summary>
    private const int MessagesPerSlot = 4;

    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private double _secondsPerItem;
    private int _items = fixedItems ?? 1;

    /// <param name="sent">Items sent already.</param>
    /// <param name="slots">How many jobs the fleet runs at once, as far as known.</param>
    public int Next(long sent, int slots)
    {
        if (fixedItems is { } items)
            return items;
        lock (_lock)
        {
            return expectedItems is { } expected && slots > 0
                ? (int)Math.Clamp((expected - sent) / (slots * MessagesPerSlot), 1, _items)
                : _items;
        }
    }

    /// <summary>A run of <paramref name="items"/> items took <paramref name="duration"/>.</summary>
    public void Learn(int items, TimeSpan duration)
    {
        if (fixedItems is not null || items == 0)
            return;
        lock (_lock)
        {
            var seconds = Math.Max(duration.TotalSeconds / items, 1e-9);
            _secondsPerItem = _secondsPerItem == 0 ? seconds : (_secondsPerItem + seconds) / 2;
            var wanted = (int)Math.Clamp(Aim.TotalSeconds / _secondsPerItem, 1, MaxItems);
            // Growth stands on what a chunk of this size took; a late answer of a small chunk does not shrink what a larger one proved.
            _items = wanted <= _items ? wanted : Math.Max(_items, Math.Min(wanted, items * GrowthPerStep));
        }
    }
}
