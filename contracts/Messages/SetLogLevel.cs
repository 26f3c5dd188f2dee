namespace Broker.Contracts.Messages;

/// <summary>
/// Asks running consumers to log at another level for a while; a later one replaces it. Only those answer, and change, to which all that
/// is said of them applies.
/// </summary>
internal sealed record SetLogLevel
{
    public required Guid RequestId { get; init; }

    /// <summary>Routing key on the results exchange for the <see cref="LogLevelSet"/>.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>debug, info, warning or error.</summary>
    public required string Level { get; init; }

    /// <summary>How long, after which the process goes back to the level that it was started with; null is until it ends.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Only processes of this id; null for any.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Only processes on this host, in whatever case it is written; null for any.</summary>
    public string? Host { get; init; }

    /// <summary>Only processes that serve this kind; null for any.</summary>
    public string? Kind { get; init; }

    /// <summary>Whether it is meant for a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="kinds">What it serves.</param>
    public bool AppliesTo(ProcessIdentity process, IEnumerable<string> kinds) =>
        (ProcessId is null || ProcessId == process.ProcessId)
        && (Host is null || Host.Equals(process.Host, StringComparison.OrdinalIgnoreCase))
        && (Kind is null || kinds.Contains(Kind));
}

/// <summary>One consumer's answer to a <see cref="SetLogLevel"/> that it has applied.</summary>
internal sealed record LogLevelSet
{
    public required Guid RequestId { get; init; }

    public required ProcessIdentity Worker { get; init; }

    public required string Level { get; init; }

    /// <summary>When the process goes back to the level before; null is never.</summary>
    public DateTimeOffset? Until { get; init; }
}
