namespace Broker.Contracts;

/// <summary>Raised at the start for a setting that cannot be used; names the setting and the rule it breaks.</summary>
public sealed class InvalidConfigurationException : BrokerException
{
    public InvalidConfigurationException()
    {
    }

    public InvalidConfigurationException(string message)
        : base(message)
    {
    }

    public InvalidConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
