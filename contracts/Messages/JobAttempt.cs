namespace Broker.Contracts.Messages;

/// <summary>An attempt that failed.</summary>
internal sealed record JobAttempt(ProcessIdentity Worker, DateTimeOffset StartedAt, DateTimeOffset FailedAt);
