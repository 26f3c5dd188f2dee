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

    internal JobFailedException(ItemOutcome outcome, Exception? innerException = null)
        : base(Text(outcome), innerException!)
    {
        Index = outcome.Index;
        RemoteType = outcome.Failure!.Type;
        RemoteMessage = outcome.Failure.Message;
        RemoteStackTrace = outcome.Failure.StackTrace;
        RemoteCauses = outcome.Failure.Causes ?? [];
        Retryable = outcome.Failure.Retryable;
        Worker = outcome.Run.Worker;
        Attempt = outcome.Run.Attempt;
        BatchId = outcome.Run.BatchId;
        JobId = outcome.Run.JobId;
    }

    /// <summary>The item's index in its batch, from 0.</summary>
    public long Index { get; }

    /// <summary>The id of the call, as it is shown in logs.</summary>
    public Guid BatchId { get; }

    /// <summary>The id of the job that the item was part of when it failed.</summary>
    public Guid JobId { get; }

    /// <summary>The remote exception's full type name, or one of <see cref="FailureTypes"/>.</summary>
    public string RemoteType { get; } = "";

    /// <summary>The remote exception's message.</summary>
    public string RemoteMessage { get; } = "";

    /// <summary>The remote stack; null where there is none.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>The remote exception's inner exceptions, the outermost first; empty where there are none.</summary>
    public IReadOnlyList<FailureCause> RemoteCauses { get; } = [];

    /// <summary>The process it failed on.</summary>
    public ProcessIdentity? Worker { get; }

    /// <summary>Which attempt failed: 1 for the first.</summary>
    public int Attempt { get; }

    /// <summary>Whether another attempt could help: false for a rejected or unfit item.</summary>
    public bool Retryable { get; }

    private static string Text(ItemOutcome outcome) =>
        $"item {outcome.Index} failed on {outcome.Run.Worker.Host} pid {outcome.Run.Worker.ProcessId}: {outcome.Failure!.Type}: {outcome.Failure.Message}"
        + string.Concat((outcome.Failure.Causes ?? []).Select(cause => $"; caused by {cause.Type}: {cause.Message}"));
}
