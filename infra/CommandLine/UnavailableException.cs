using Broker.Contracts;

namespace Broker.CommandLine;

/// <summary>Raised when something other than the broker that a program needs cannot be had now, such as a port.</summary>
internal sealed class UnavailableException : BrokerException
{
    public UnavailableException()
    {
    }

    public UnavailableException(string message)
        : base(message)
    {
    }

    public UnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
