namespace Broker.Pool;

/// <summary>
/// How many items the next message holds. Aims at 50 ms of work a message: there the cost of a message (about 0.2 ms over both
/// programs and the broker) is lost in the work, and a lost consumer costs little. Learned from the outcomes; starts at one item.
/// </summary>
internal sealed class ChunkSizer(int? fixedItems, long? expectedItems)
{
    /// <summary>A message is closed when it is this large, whatever it holds.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Where an item costs a microsecond, the cost of a message is lost in so many.</summary>
    private const int MaxItems = 20_000;

    /// <summary>A chunk is at most so many times as large as what has been answered: one slow item among quick ones must not hide in a chunk of thousands.</summary>
    private const int Growth = 8;

    /// <summary>A batch of known length leaves this many messages to every slot of the fleet, so that none stands idle at the end.</summary>
    private const int MessagesPerSlot = 4;

    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private double _secondsPerItem;
    private long _answered;
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
            _answered += items;
            _items = (int)Math.Min(wanted, _answered * Growth);
        }
    }
}
