namespace Broker.Contracts;

/// <summary>Failures that Broker itself gives, rather than a handler's exception.</summary>
public static class FailureTypes
{
    /// <summary>The item is not what the kind takes.</summary>
    public const string DoesNotFit = "does-not-fit";

    /// <summary>The item ran longer than its time limit.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The job's deadline had passed before it was started.</summary>
    public const string Expired = "expired";

    /// <summary>The job was cancelled: by whoever submitted it, or by an operator.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The job was delivered again and again and never answered: it ends the process that runs it.</summary>
    public const string Crashed = "crashed";

    /// <summary>The result cannot be written as JSON, or is larger than a message may be.</summary>
    public const string BadResult = "bad-result";

    /// <summary>The consumer that received the job has no handler of its kind.</summary>
    public const string UnknownKind = "unknown-kind";
}
