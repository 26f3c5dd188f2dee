namespace Broker.Contracts.Messages;

/// <summary>Asks every live consumer who it is and what it serves.</summary>
internal sealed record Ping
{
    public required Guid PingId { get; init; }

    /// <summary>Routing key on the results exchange for the <see cref="Pong"/>.</summary>
    public required string ReplyTo { get; init; }
}

/// <summary>One consumer's answer to a <see cref="Ping"/>.</summary>
internal sealed record Pong
{
    public required Guid PingId { get; init; }

    public required ProcessIdentity Worker { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What the process's clock says, against which its other times are to be read; null from a version that does not tell.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>The process that supervises it; null where none does, or from a version that does not tell.</summary>
    public int? SupervisorId { get; init; }

    public required IReadOnlyList<ServedKind> Kinds { get; init; }
}

/// <summary>A kind as one process serves it.</summary>
internal sealed record ServedKind
{
    public required string Kind { get; init; }

    /// <summary>How many jobs of the kind this process runs at once at most.</summary>
    public required int Concurrency { get; init; }

    /// <summary>How many it runs now.</summary>
    public int Running { get; init; }

    /// <summary>The jobs it runs now; null from a version that does not tell.</summary>
    public IReadOnlyList<HeldJob>? Jobs { get; init; }

    /// <summary>Jobs taken off the queue since the process started, those that it returned among them; 0 from a version that does not tell.</summary>
    public long Taken { get; init; }

    /// <summary>Items finished since the process started, the failed ones among them.</summary>
    public long Completed { get; init; }

    public long Failed { get; init; }

    /// <summary>JSON Schema of the args record.</summary>
    public required RawJson ArgsSchema { get; init; }

    /// <summary>The args as a person writes them, such as <c>double(number: integer)</c>.</summary>
    public required string Signature { get; init; }
}

/// <summary>A job that a process has received and not answered.</summary>
internal sealed record HeldJob
{
    public required Guid JobId { get; init; }

    public required Guid BatchId { get; init; }

    /// <summary>The indices of its items.</summary>
    public required ItemIndices Indices { get; init; }

    /// <summary>How many items it has.</summary>
    public required int Count { get; init; }

    /// <summary>When the process received it, by its own clock.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How far it is, by its handler; null where that says nothing, or from a version that does not tell.</summary>
    public ItemProgress? Progress { get; init; }
}
