using Broker.Contracts;

namespace Broker.CommandLine.Processes;

/// <summary>Raised when a program cannot be run.</summary>
public sealed class ProgramNotStartedException : BrokerException
{
    private const int NoSuchFile = 2;

    public ProgramNotStartedException()
    {
    }

    public ProgramNotStartedException(string message)
        : base(message)
    {
    }

    public ProgramNotStartedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal ProgramNotStartedException(string message, int error)
        : base(message) => ExitCode = error == NoSuchFile ? 127 : 126;

    /// <summary>What a shell would report: 127 if it was not found, else 126.</summary>
    public int ExitCode { get; } = 126;
}
