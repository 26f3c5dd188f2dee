using Broker.Contracts;

namespace Broker.Logging.Query;

/// <summary>Raised when the source of the log lines is unavailable or refuses the credentials; the message says what to do.</summary>
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
