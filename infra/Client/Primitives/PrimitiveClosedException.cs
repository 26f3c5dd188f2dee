using Broker.Contracts;

namespace Broker.Primitives;

/// <summary>Raised when something is put into a queue that is closed, or taken from one that is closed and empty; and when something is sent to the other end of a pipe which is gone.</summary>
public sealed class PrimitiveClosedException : BrokerException
{
    public PrimitiveClosedException()
    {
    }

    public PrimitiveClosedException(string message)
        : base(message)
    {
    }

    public PrimitiveClosedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
