using Broker.Contracts;

namespace Broker.Pool;

/// <summary>Nothing is known of a batch: it was not detached on this broker, or more than a day ago.</summary>
public sealed class BatchUnknownException : BrokerException
{
    public BatchUnknownException()
    {
    }

    public BatchUnknownException(string message)
        : base(message)
    {
    }

    public BatchUnknownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
