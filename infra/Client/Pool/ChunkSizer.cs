namespace Broker.Pool;

/// <summary>
/// How many items the next message holds. Aims at 50 ms of work a message: there the cost of a message (about 0.2 ms over both
/// programs and the broker) is lost in the work, and a lost consumer costs little. Learned from the outcomes; starts at one item.
/// </summary>
internal sealed class ChunkSizer(int? fixedItems, long? expectedItems)
{
    /// <summary>A message is closed when it is this large, whatever it holds.</summary>
    public const int MostBytes = 256 * 1024;

    private const int MostItems = 5000;
    private const int GrowthAStep = 8;

    /// <summary>A batch of known length leaves this many messages to every slot of the fleet, so that none stands idle at the end.</summary>
    private const int MessagesASlot = 4;

    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private double _secondsAnItem;
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
                ? (int)Math.Clamp((expected - sent) / (slots * MessagesASlot), 1, _items)
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
            _secondsAnItem = _secondsAnItem == 0 ? seconds : (_secondsAnItem + seconds) / 2;
            var wanted = (int)Math.Clamp(Aim.TotalSeconds / _secondsAnItem, 1, MostItems);
            // Growth stands on what a chunk of this size took; a late answer of a small chunk does not shrink what a larger one proved.
            _items = wanted <= _items ? wanted : Math.Max(_items, Math.Min(wanted, items * GrowthAStep));
        }
    }
}
