namespace Broker.Contracts.Messages;

/// <summary>Asks consumer processes to end, as a signal would: those answer to which all that is said of them applies.</summary>
internal sealed record Drain
{
    public required Guid RequestId { get; init; }

    /// <summary>Routing key on the results exchange for the <see cref="Draining"/>.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>Only processes on this host, in whatever case it is written.</summary>
    public required string Host { get; init; }

    /// <summary>Only the process of this id, or those that it supervises; null for all of the host.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Whether it is meant for a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="supervisor">The process that supervises it; null where none does.</param>
    public bool AppliesTo(ProcessIdentity process, int? supervisor) =>
        Host.Equals(process.Host, StringComparison.OrdinalIgnoreCase) && (ProcessId is null || ProcessId == process.ProcessId || ProcessId == supervisor);
}

/// <summary>One consumer's answer to a <see cref="Drain"/>: it stops.</summary>
internal sealed record Draining
{
    public required Guid RequestId { get; init; }

    public required ProcessIdentity Worker { get; init; }

    /// <summary>How many jobs it finishes.</summary>
    public int Running { get; init; }
}
