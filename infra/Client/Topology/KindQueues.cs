namespace Broker.Topology;

/// <param name="Jobs">The kind's queue, with the jobs on that of its suspects; null where there is none.</param>
/// <param name="Dead">Its dead-letter queue; null where there is none.</param>
internal sealed record KindQueues(QueueDepth? Jobs, QueueDepth? Dead);

/// <param name="Ready">Messages that wait; those being worked on are not among them.</param>
/// <param name="Consumers">Consumer processes subscribed.</param>
internal sealed record QueueDepth(long Ready, long Consumers);
