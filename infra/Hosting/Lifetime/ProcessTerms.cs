namespace Broker.Hosting.Lifetime;

/// <summary>On what terms a process consumes, beside its options: what the one who started it wants of the process itself.</summary>
internal sealed record ProcessTerms
{
    /// <summary>The least that <see cref="MaxMemory"/> can be: a process without jobs needs about 100 MiB.</summary>
    public const long LeastMemory = 128L * 1024 * 1024;

    /// <summary>After so many deliveries it takes no more; null for no limit.</summary>
    public int? MaxJobs { get; init; }

    /// <summary>When its working set has so many bytes it takes no more jobs; null for no limit.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>Whether it ends when there is nothing to do.</summary>
    public bool ExitWhenIdle { get; init; }

    /// <summary>The process that supervises it; null where none does.</summary>
    public int? SupervisorId { get; init; }
}
