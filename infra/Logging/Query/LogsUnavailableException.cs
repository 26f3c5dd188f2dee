using Broker.Contracts;

namespace Broker.Logging.Query;

/// <summary>Raised when the place where the log lines lie does not answer, or refuses us; says what to do about it.</summary>
public sealed class LogsUnavailableException : BrokerException
{
    public LogsUnavailableException()
    {
    }

    public LogsUnavailableException(string message)
        : base(message)
    {
    }

    public LogsUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
