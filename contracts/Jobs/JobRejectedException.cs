namespace Broker.Contracts;

/// <summary>Raised by a handler that refuses an item for good: bad data, a missing precondition. Such an item is never tried again.</summary>
public sealed class JobRejectedException : BrokerException
{
    public JobRejectedException()
    {
    }

    public JobRejectedException(string message)
        : base(message)
    {
    }

    public JobRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
