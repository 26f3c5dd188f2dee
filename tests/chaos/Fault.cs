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

    /// <summary>Whether jobs flow that no caller waits for: what goes with a deleted queue is sent again by its caller only.</summary>
    public bool Detaches { get; init; } = true;

    /// <summary>Whether it takes a cluster.</summary>
    public bool Clustered { get; init; }

    /// <summary>Child processes of the consumer.</summary>
    public int Processes { get; init; } = 2;

    /// <summary>Arguments of the consumer beside those that every fault has.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Changes to the consumer's environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Kinds that are served beside the one that is counted and the one that behaves as its items say.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Dead letters that the fault is to leave: they are counted, and removed.</summary>
    public int DeadLetters { get; init; }

    /// <summary>Why it cannot be inflicted here; null where it can.</summary>
    public string? LeftOut { get; init; }

    public override string ToString() => Name;
}
