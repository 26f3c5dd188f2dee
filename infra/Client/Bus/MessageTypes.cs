namespace Broker.Bus;

/// <summary>The values of the AMQP <c>type</c> property, which identifies a message's body.</summary>
internal static class MessageTypes
{
    public const string RunJob = "run-job";
    public const string CancelJobs = "cancel-jobs";
    public const string JobCompleted = "job-completed";

    /// <summary>Several <see cref="JobCompleted"/>, as a <see cref="BodySequence"/>.</summary>
    public const string JobsCompleted = "jobs-completed";

    public const string BatchDetached = "batch-detached";

    /// <summary>By whoever reads a stream, to know its end; the body says whose it is.</summary>
    public const string Marker = "marker";

    public const string JobDelayed = "job-delayed";
    public const string JobProgress = "job-progress";
    public const string DeadLetter = "dead-letter";
    public const string Ping = "ping";
    public const string Pong = "pong";
    public const string SetLogLevel = "set-log-level";
    public const string LogLevelSet = "log-level-set";
    public const string Drain = "drain";
    public const string Draining = "draining";
    public const string AskLosses = "ask-losses";
    public const string LossesKnown = "losses-known";
}
