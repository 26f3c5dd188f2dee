namespace Broker.Primitives.Queues;

/// <summary>A message of a pipe.</summary>
/// <param name="Type">One of the constants.</param>
/// <param name="From">The session of the end that sent it.</param>
internal sealed record PipeMessage(string Type, string From, ulong Tag, ReadOnlyMemory<byte> Body)
{
    /// <summary>An end is there, and looks for the other.</summary>
    public const string Hello = "hello";

    /// <summary>The answer: from now on they are connected.</summary>
    public const string Welcome = "welcome";

    public const string Item = "item";

    /// <summary>The last of an end.</summary>
    public const string Close = "close";

    /// <summary>Whether the other end is there: without it, no queue takes the message.</summary>
    public const string Ping = "ping";
}
