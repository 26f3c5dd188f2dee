namespace Broker.Bus;

/// <summary>The AMQP <c>type</c> property of each message, by which a receiver tells what a body is.</summary>
internal static class MessageTypes
{
    public const string RunJob = "run-job";
    public const string JobCompleted = "job-completed";
    public const string DeadLetter = "dead-letter";
    public const string Ping = "ping";
    public const string Pong = "pong";
    public const string SetLogLevel = "set-log-level";
    public const string LogLevelSet = "log-level-set";
}
