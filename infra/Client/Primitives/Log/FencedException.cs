using Broker.Contracts;

namespace Broker.Primitives.Log;

/// <summary>
/// Raised when something is written under a hold while a later holder has begun to write already: nothing was changed. The hold was lost, though its process may not
/// have been told yet.
/// </summary>
public sealed class FencedException : BrokerException
{
    public FencedException()
    {
    }

    public FencedException(string message)
        : base(message)
    {
    }

    public FencedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
