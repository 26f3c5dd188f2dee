using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>Raised where the result of an item is asked for that failed on its consumer. The remote exception comes as data, not as its type.</summary>
public sealed class JobFailedException : BrokerException
{
    public JobFailedException()
    {
    }

    public JobFailedException(string message)
        : base(message)
    {
    }

    public JobFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal JobFailedException(ItemOutcome outcome)
        : base($"item {outcome.Index} failed on {outcome.Run.Worker.Host} pid {outcome.Run.Worker.ProcessId}: {outcome.Failure!.Type}: {outcome.Failure.Message}")
    {
        Index = outcome.Index;
        RemoteType = outcome.Failure.Type;
        RemoteMessage = outcome.Failure.Message;
        RemoteStackTrace = outcome.Failure.StackTrace;
        Worker = outcome.Run.Worker;
        Attempt = outcome.Run.Attempt;
    }

    /// <summary>The item's position in its batch, from 0.</summary>
    public long Index { get; }

    /// <summary>The remote exception's full type name, or one of <see cref="FailureTypes"/>.</summary>
    public string RemoteType { get; } = "";

    public string RemoteMessage { get; } = "";

    public string? RemoteStackTrace { get; }

    /// <summary>The process it failed on.</summary>
    public ProcessIdentity? Worker { get; }

    public int Attempt { get; }
}
