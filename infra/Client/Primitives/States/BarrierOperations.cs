using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record BarrierOperation : Operation
{
    public override PrimitiveState NewState() => new BarrierState();
}

/// <summary>Outcome: a <see cref="BarrierArrival"/>.</summary>
/// <param name="Parties">How many are waited for; the first of a generation says it for all.</param>
/// <param name="Acts">Whether, as the last, it has an action to run before the others may pass.</param>
internal sealed record BarrierArrive(int Parties, bool Acts) : BarrierOperation;

/// <summary>Lets all pass, once the action has run. Outcome: whether they do; false where the generation was broken before.</summary>
internal sealed record BarrierOpen(long Generation) : BarrierOperation;

/// <summary>Breaks a generation that has not passed. Outcome: how the generation ended, a <see cref="BarrierEnd"/>.</summary>
/// <param name="Generation">Null is that which is now.</param>
internal sealed record BarrierBreak(long? Generation) : BarrierOperation;

/// <summary>Begins a generation, where there is one that is broken, or somebody waits in, who then is told that it broke. Outcome: null.</summary>
internal sealed record BarrierReset : BarrierOperation;

internal enum BarrierEnd
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>All passed.</summary>
    Passed,

    /// <summary>Nobody passed.</summary>
    Broken,
}

internal enum BarrierStep
{
    /// <summary>Others are waited for.</summary>
    Waits,

    /// <summary>It was the last, and all pass.</summary>
    Passes,

    /// <summary>It was the last, and has its action to run.</summary>
    Acts,

    /// <summary>The barrier is broken.</summary>
    Broken,

    /// <summary>The generation is full and its action runs: it arrives again when that has ended.</summary>
    ComesLater,

    /// <summary>The generation waits for another number of parties.</summary>
    OtherParties,
}

/// <summary>What came of an arrival.</summary>
/// <param name="Step">What it does next.</param>
/// <param name="Generation">Of the barrier.</param>
/// <param name="Index">How many came before it.</param>
/// <param name="Parties">How many are waited for.</param>
internal sealed record BarrierArrival(BarrierStep Step, long Generation, int Index, int Parties);
