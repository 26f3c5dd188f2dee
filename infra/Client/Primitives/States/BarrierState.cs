using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal sealed class BarrierState : PrimitiveState
{
    /// <summary>How many generations that broke are remembered, for waits that look at them late.</summary>
    private const int Remembered = 64;

    public long Generation { get; set; }

    public int Parties { get; set; }

    /// <summary>How many of this generation have arrived.</summary>
    public int Arrived { get; set; }

    public bool IsBroken { get; set; }

    /// <summary>Earlier generations that did not pass.</summary>
    public List<long> BrokenBefore { get; set; } = [];

    /// <summary>Whether all are there, and the action of the last runs.</summary>
    private bool IsFull => Arrived > 0 && Arrived == Parties;

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        BarrierArrive arrive => Arrive(arrive),
        BarrierOpen open => Open(open.Generation),
        BarrierBreak end => Break(end.Generation ?? Generation),
        BarrierReset => Reset(),
        _ => null,
    };

    /// <summary>How a generation ended.</summary>
    public BarrierEnd EndOf(long generation) => generation switch
    {
        _ when generation == Generation => IsBroken ? BarrierEnd.Broken : BarrierEnd.None,
        // A larger one is of a barrier that was forgotten.
        _ when generation > Generation || BrokenBefore.Contains(generation) => BarrierEnd.Broken,
        _ => BarrierEnd.Passed,
    };

    private BarrierArrival Arrive(BarrierArrive arrival)
    {
        if (IsBroken || IsFull)
            return Answer(IsBroken ? BarrierStep.Broken : BarrierStep.ComesLater);
        if (Arrived == 0)
            Parties = arrival.Parties;
        else if (Parties != arrival.Parties)
            return Answer(BarrierStep.OtherParties);
        Arrived++;
        if (!IsFull)
            return Answer(BarrierStep.Waits);
        var last = Answer(arrival.Acts ? BarrierStep.Acts : BarrierStep.Passes);
        if (!arrival.Acts)
            Begin();
        return last;
    }

    private BarrierArrival Answer(BarrierStep step) => new(step, Generation, Arrived - 1, Parties);

    private bool Open(long generation)
    {
        if (generation == Generation && IsFull && !IsBroken)
            Begin();
        return EndOf(generation) == BarrierEnd.Passed;
    }

    private BarrierEnd Break(long generation)
    {
        if (generation == Generation)
            IsBroken = true;
        return EndOf(generation);
    }

    private object? Reset()
    {
        if (!IsBroken && Arrived == 0)
            return null;
        BrokenBefore.Add(Generation);
        if (BrokenBefore.Count > Remembered)
            BrokenBefore.RemoveAt(0);
        Begin();
        return null;
    }

    private void Begin()
    {
        Generation++;
        Arrived = 0;
        IsBroken = false;
    }
}
