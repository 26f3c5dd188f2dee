namespace Broker.Tests.Chaos;

/// <summary>Something that goes wrong while jobs flow.</summary>
/// <param name="Name">As it is asked for, and stands in the table.</param>
/// <param name="InflictAsync">Returns when the fault is over: from then on all has to recover.</param>
internal sealed record Fault(string Name, Func<Scene, Task> InflictAsync)
{
    /// <summary>Whether it is among those that every test run meets.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether all programs reach the broker by a port that can cut and silence connections.</summary>
    public bool Fronted { get; init; }

    /// <summary>Whether it takes a cluster.</summary>
    public bool Clustered { get; init; }

    /// <summary>Child processes of the consumer.</summary>
    public int Processes { get; init; } = 2;

    /// <summary>Dead letters that the fault is to leave: they are counted, and removed.</summary>
    public int DeadLetters { get; init; }

    public override string ToString() => Name;
}
