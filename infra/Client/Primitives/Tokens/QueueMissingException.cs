namespace Broker.Primitives.Tokens;

/// <summary>The queue of the tokens was deleted, and they with it.</summary>
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
