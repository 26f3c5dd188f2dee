namespace Broker.Primitives.Queues;

/// <summary>Raised when a queue is not there, so that it has to be declared again: somebody deleted it.</summary>
internal sealed class QueueMissingException : Exception
{
    public QueueMissingException()
    {
    }

    public QueueMissingException(string message)
        : base(message)
    {
    }

    public QueueMissingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
