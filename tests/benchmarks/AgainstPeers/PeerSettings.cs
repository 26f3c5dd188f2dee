namespace Broker.Benchmarks.AgainstPeers;

/// <summary>The amount of work of one round.</summary>
internal sealed record PeerSettings
{
    public static readonly PeerSettings Quick = new() { Rounds = 1, Colds = 1, Calls = 20, CeleryJobs = 200, Published = 2_000, Mapped = 50_000, Jobs = 2_000 };

    /// <summary>Measured rounds, after one warm-up that is not counted.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Cold calls per round.</summary>
    public int Colds { get; init; } = 2;

    /// <summary>Warm calls per round, one at a time.</summary>
    public int Calls { get; init; } = 200;

    /// <summary>Jobs per round against Celery.</summary>
    public int CeleryJobs { get; init; } = 2_000;

    /// <summary>Jobs per round that are only published.</summary>
    public int Published { get; init; } = 20_000;

    /// <summary>Numbers per round against multiprocessing.</summary>
    public int Mapped { get; init; } = 1_000_000;

    /// <summary>Jobs per round against the raw client, and with several processes.</summary>
    public int Jobs { get; init; } = 20_000;
}
