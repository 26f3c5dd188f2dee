namespace Broker.Contracts.Messages;

/// <summary>Asks every consumer process whether it lost a job together with its connection: the broker's count does not tell that from a crash.</summary>
internal sealed record AskLosses
{
    public required Guid JobId { get; init; }

    /// <summary>The job's first index: the jobs that one was split into share its id.</summary>
    public required long Index { get; init; }
}

/// <summary>The answer of a process that did, to all processes.</summary>
internal sealed record LossesKnown
{
    public required Guid JobId { get; init; }

    public required long Index { get; init; }

    /// <summary>Names the process, as a process id does not: in a container every process has the same.</summary>
    public required Guid Process { get; init; }

    public required int Times { get; init; }
}
