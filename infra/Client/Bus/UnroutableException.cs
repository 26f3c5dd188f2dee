using Broker.Contracts;

namespace Broker.Bus;

/// <summary>Raised when the broker returned a message because no queue is bound for it.</summary>
internal sealed class UnroutableException : BrokerException
{
    public UnroutableException()
    {
    }

    public UnroutableException(string message)
        : base(message)
    {
    }

    public UnroutableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
