namespace Broker.CommandLine;

/// <summary>What the programs end with. 1 to 100 is the number of items that failed.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The consumer is not ready, or was no longer fit to run jobs.</summary>
    public const int Failed = 1;

    /// <summary>More than 100 items failed.</summary>
    public const int ManyFailed = 101;

    /// <summary>Bad options, input or configuration.</summary>
    public const int Usage = 64;

    /// <summary>The broker, or Elasticsearch when logs are read, is not there or refuses us.</summary>
    public const int BrokerUnavailable = 69;

    /// <summary>A defect of ours: an error nobody foresaw.</summary>
    public const int Unexpected = 70;

    /// <summary>The call's deadline passed.</summary>
    public const int DeadlinePassed = 124;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
