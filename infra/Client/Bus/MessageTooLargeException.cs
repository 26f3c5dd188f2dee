using Broker.Contracts;

namespace Broker.Bus;

/// <summary>Raised before sending, for a message above the size limit.</summary>
public sealed class MessageTooLargeException : BrokerException
{
    public MessageTooLargeException()
    {
    }

    public MessageTooLargeException(string message)
        : base(message)
    {
    }

    public MessageTooLargeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="bytes">The message's size.</param>
    /// <param name="limit">The largest size allowed.</param>
    internal MessageTooLargeException(long bytes, long limit)
        : base($"a message of {bytes / 1048576.0:0.0} MiB is larger than the {limit / 1048576.0:0} MiB that are sent: split the item, or send a reference to where its data lies")
    {
    }
}
