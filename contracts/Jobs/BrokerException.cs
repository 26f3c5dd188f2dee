namespace Broker.Contracts;

/// <summary>The base of every exception this project defines. Its message is one line a person can act on and holds no credential.</summary>
public abstract class BrokerException : Exception
{
    protected BrokerException()
    {
    }

    protected BrokerException(string message)
        : base(message)
    {
    }

    protected BrokerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
