namespace Broker.Hosting.Lifetime;

/// <summary>Why a process stops consuming although neither its user nor its supervisor has asked it to. The numbers travel from a child to its supervisor, which may be of an older version: new ones come last.</summary>
internal enum ConsumerEnd
{
    /// <summary>It does not, or it was asked to.</summary>
    None,

    /// <summary>It is no longer fit to run jobs: a handler hangs, memory is short, or no deliveries arrive.</summary>
    Unfit,

    /// <summary>It has run as many jobs, or uses as much memory, as one process may.</summary>
    Spent,

    /// <summary>There is nothing to do, and it was to end then.</summary>
    Idle,

    /// <summary>It was drained: this process is wanted no more.</summary>
    Drained,

    /// <summary>It was drained with its siblings: its supervisor is wanted no more either.</summary>
    AllDrained,
}
