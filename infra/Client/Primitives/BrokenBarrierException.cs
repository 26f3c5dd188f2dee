using Broker.Contracts;

namespace Broker.Primitives;

/// <summary>Raised to all who wait at a barrier when one of them does not come in time, gives up, or resets it, and to all who come while it is broken.</summary>
public sealed class BrokenBarrierException : BrokerException
{
    public BrokenBarrierException()
    {
    }

    public BrokenBarrierException(string message)
        : base(message)
    {
    }

    public BrokenBarrierException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
