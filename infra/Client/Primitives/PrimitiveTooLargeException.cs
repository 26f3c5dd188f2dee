using Broker.Contracts;

namespace Broker.Primitives;

/// <summary>Raised when a primitive would hold more than 1 MiB, or a queue would count too many items: nothing was changed.</summary>
public sealed class PrimitiveTooLargeException : BrokerException
{
    public PrimitiveTooLargeException()
    {
    }

    public PrimitiveTooLargeException(string message)
        : base(message)
    {
    }

    public PrimitiveTooLargeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
