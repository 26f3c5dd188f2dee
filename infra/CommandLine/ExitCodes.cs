namespace Broker.CommandLine;

/// <summary>The exit codes of the programs. 1 to 100 is the number of failed items.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The consumer is not ready, or its watchdog ended it.</summary>
    public const int Failed = 1;

    /// <summary>More than 100 items failed.</summary>
    public const int ManyFailed = 101;

    /// <summary>Bad options, input or configuration.</summary>
    public const int Usage = 64;

    /// <summary>The broker, or Elasticsearch when logs are read, is unavailable or refuses us; or the health port is taken.</summary>
    public const int BrokerUnavailable = 69;

    /// <summary>An unexpected error: a defect of this project.</summary>
    public const int Unexpected = 70;

    /// <summary>Standard output is closed or cannot be written: a full disk, for example.</summary>
    public const int OutputFailed = 74;

    /// <summary>Some items of a detached batch have no outcome yet: try again later (EX_TEMPFAIL of sysexits.h).</summary>
    public const int Incomplete = 75;

    /// <summary>The call's deadline passed.</summary>
    public const int DeadlinePassed = 124;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of standard output has closed it, as <c>head</c> does: what the shell reports of a program that SIGPIPE ends.</summary>
    public const int ReaderGone = 141;
}
