using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <summary>
/// What is counted of a queue; the items themselves are messages. An item is reserved, stored, taken and done, in this order or with steps left out; its number is the offset of its
/// reservation. Each step can be repeated, for a delivery can be.
/// </summary>
internal sealed class QueueState : PrimitiveState
{
    /// <summary>How many items are counted at once: their numbers are a part of the state.</summary>
    public const int MaxItems = 50_000;

    /// <summary>How many items that were given up are remembered.</summary>
    private const int Remembered = 1000;

    public bool IsClosed { get; set; }

    /// <summary>Whether what is in the queue is void.</summary>
    public bool IsDropped { get; set; }

    public int? MaxSize { get; set; }

    public bool Joinable { get; set; }

    /// <summary>Of those who wait for a slot.</summary>
    public WaitLine Line { get; set; } = new();

    /// <summary>Not yet published, as far as is known.</summary>
    public SortedSet<long> Reserved { get; set; } = [];

    public SortedSet<long> Stored { get; set; } = [];

    /// <summary>Not done yet.</summary>
    public SortedSet<long> Taken { get; set; } = [];

    /// <summary>Reserved by a putter that seems to have died.</summary>
    public SortedSet<long> GivenUp { get; set; } = [];

    /// <summary>How many slots are free.</summary>
    public long Free => MaxSize is { } max ? Math.Max(0, max - Reserved.Count - Stored.Count) : long.MaxValue;

    public int Unfinished => Reserved.Count + Stored.Count + Taken.Count;

    public override object? Apply(Operation operation, in LogPlace place)
    {
        switch (operation)
        {
            case QueueReserve reserve:
                return Reserve(reserve, place);
            case QueueLeave leave:
                Line.Leave(leave.Id);
                break;
            case QueuePass pass:
                return Line.Pass(pass.Silent, Free);
            case QueueStored stored when Reserved.Remove(stored.Item) || GivenUp.Remove(stored.Item):
                Stored.Add(stored.Item);
                break;
            case QueueGiveUp giveUp when Reserved.Remove(giveUp.Item) && giveUp.Silent:
                GivenUp.Add(giveUp.Item);
                if (GivenUp.Count > Remembered)
                    GivenUp.Remove(GivenUp.Min);
                break;
            // One that was given up may be taken before its putter says that it is stored.
            case QueueTaken taken when (Reserved.Remove(taken.Item) || Stored.Remove(taken.Item) || GivenUp.Remove(taken.Item)) && Joinable:
                Taken.Add(taken.Item);
                break;
            case QueueDone done:
                _ = Taken.Remove(done.Item) || Stored.Remove(done.Item) || Reserved.Remove(done.Item) || GivenUp.Remove(done.Item);
                break;
            case QueueClose close:
                Close(close.Immediate);
                break;
            case QueueReopen:
                (IsClosed, IsDropped) = (false, false);
                break;
        }

        return null;
    }

    private object? Reserve(QueueReserve reserve, in LogPlace place)
    {
        if (IsClosed || Unfinished >= MaxItems)
        {
            Line.Leave(reserve.Id);
            return IsClosed ? new Refused(Refusal.Closed) : new Refused(Refusal.TooLarge, MaxItems);
        }

        (MaxSize, Joinable) = (reserve.MaxSize, reserve.Joinable);
        var granted = reserve.Waits ? Line.Enter(reserve.Id, Free, place) : Free > 0;
        if (!reserve.Waits)
            Line.Leave(reserve.Id);
        if (!granted)
            return null;
        Reserved.Add(place.Offset);
        return place.Offset;
    }

    private void Close(bool immediate)
    {
        IsClosed = true;
        // Who waits finds its wait gone, enters again, and is told.
        Line.Waiters.Clear();
        if (!immediate)
            return;
        IsDropped = true;
        Reserved.Clear();
        Stored.Clear();
        GivenUp.Clear();
    }
}
