using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <summary>A wait in a line.</summary>
/// <param name="Id">The wait.</param>
/// <param name="Client">Whose it is.</param>
/// <param name="Place">The offset at which it began.</param>
internal sealed record Waiter(Guid Id, Guid Client, long Place);

/// <summary>
/// Waits for units of something, first come first served. Nobody is given a unit unasked: whose turn it is takes it by an operation of its own. So a waiter that has died takes
/// nothing with it; it only holds up those behind it, until one of them has it passed over.
/// </summary>
internal sealed class WaitLine
{
    public List<Waiter> Waiters { get; set; } = [];

    /// <summary>Takes a unit if it is the wait's turn; otherwise the wait is in the line afterwards.</summary>
    /// <param name="free">How many units there are.</param>
    public bool Enter(Guid id, long free, in LogPlace place)
    {
        var at = Waiters.FindIndex(waiter => waiter.Id == id);
        if (at < 0)
        {
            at = Waiters.Count;
            Waiters.Add(new Waiter(id, place.Client, place.Offset));
        }

        if (at >= free)
            return false;
        Waiters.RemoveAt(at);
        return true;
    }

    /// <summary>Ends a wait.</summary>
    public void Leave(Guid id) => Waiters.RemoveAll(waiter => waiter.Id == id);

    /// <summary>
    /// Passes over the first waiter, which has had its turn and has not taken it, with all waits of its client: it takes its turns at once if it lives, so it has died or is cut off. If
    /// it comes back, it finds its waits gone and enters again.
    /// </summary>
    public bool Pass(Waiter silent, long free)
    {
        if (free <= 0 || Waiters.Count == 0 || Waiters[0] != silent)
            return false;
        Waiters.RemoveAll(waiter => waiter.Client == silent.Client);
        return true;
    }

    /// <summary>The line as one of its waits sees it.</summary>
    public LineView Look(Guid id, long free)
    {
        var at = Waiters.FindIndex(waiter => waiter.Id == id);
        return new LineView(at < 0 || at < free, free > 0 && Waiters.Count > 0 ? Waiters[0] : null);
    }
}

/// <summary>What a wait sees of its line.</summary>
/// <param name="Acts">Whether it has something to do: take its turn, or enter again because it was passed over.</param>
/// <param name="Called">The first waiter, where it is its turn.</param>
internal sealed record LineView(bool Acts, Waiter? Called);
