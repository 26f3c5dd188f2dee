namespace Broker.Topology;

/// <summary>Every name this project uses on a broker.</summary>
internal static class Names
{
    /// <summary>Direct exchange for jobs; the routing key is the kind.</summary>
    public const string JobsExchange = "broker.jobs";

    /// <summary>Direct exchange for given-up jobs; the routing key is the kind.</summary>
    public const string DeadExchange = "broker.dead";

    /// <summary>
    /// Direct exchange for outcomes and answers; the routing key is the client's id. One exchange for all clients: a queue that expires
    /// takes its binding along, so a client that dies leaves nothing behind.
    /// </summary>
    public const string ResultsExchange = "broker.results";

    /// <summary>Topic exchange of jobs whose delay is over; the routing key ends with the kind, see <see cref="DelayLevels"/>.</summary>
    public const string DelayedExchange = "broker.delayed";

    /// <summary>Fanout exchange to every live consumer process.</summary>
    public const string ControlExchange = "broker.control";

    /// <summary>The queue that holds the name of every kind.</summary>
    public const string KindsQueue = "broker.kinds";

    /// <summary>Its routing key on the jobs exchange; no kind can have this name.</summary>
    public const string KindsKey = "*kinds*";

    /// <summary>What the names of the streams of detached batches' outcomes begin with.</summary>
    public const string OutcomeStreams = "broker.outcomes";

    /// <summary>The stream of what was cancelled: who follows it from its beginning knows all cancelled jobs of a day.</summary>
    public const string CancelledStream = "broker.cancelled";

    /// <summary>Its routing key on the jobs exchange; no kind can have this name.</summary>
    public const string CancelledKey = "*cancelled*";

    /// <summary>Direct exchange by which the tokens of locks and semaphores are seeded; the routing key is the queue's name.</summary>
    public const string TokenExchange = "broker.token";

    /// <summary>Direct exchange to the streams of the primitives' log.</summary>
    public const string LogExchange = "broker.log";

    /// <summary>Direct exchange to the queues of items and the ends of pipes; the routing key is the queue's name.</summary>
    public const string ItemExchange = "broker.queue";

    public static string JobsQueue(string kind) => $"broker.jobs.{kind}";

    /// <summary>The queue of jobs that seem to end their process: each is run while nothing else runs in its process.</summary>
    public static string SuspectsQueue(string kind) => $"broker.suspects.{kind}";

    /// <summary>Its routing key on the jobs exchange, for which whoever declares a kind has the permissions; no kind can have this name.</summary>
    public static string SuspectsKey(string kind) => $"*suspects*.{kind}";

    public static string DeadQueue(string kind) => $"broker.dead.{kind}";

    /// <summary>The exchange and the queue of a delay level.</summary>
    public static string DelayLevel(int level) => $"broker.delay.{level:00}";

    public static string ResultsQueue(string clientId) => $"broker.results.{clientId}";

    /// <summary>A stream of the primitives' log; its number is its routing key. A fixed number of them: a stream's name becomes an Erlang atom that is never freed.</summary>
    public static string LogStream(int number) => $"broker.log.{number}";

    /// <summary>A queue of items. Fits in the 255 bytes of AMQP.</summary>
    public static string ItemQueue(string name) => $"broker.queue.{SafeName.Of(name)}";

    /// <summary>What one end of a pipe receives; exclusive to its connection.</summary>
    /// <param name="end">0 or 1.</param>
    public static string PipeQueue(string name, int end) => $"broker.pipe.{end}.{SafeName.Of(name)}";

    public static string ControlQueue(string processId) => $"broker.control.{processId}";

    /// <summary>The queue of a lock's or semaphore's tokens. Fits in the 255 bytes of AMQP.</summary>
    public static string TokenQueue(string type, string name) => $"broker.token.{type}.{SafeName.Of(name)}";

    /// <summary>A queue or exchange of an examination, deleted at its end: its name begins like that which the permissions are tried for.</summary>
    public static string Probe(string like) => $"{like}.doctor-{Guid.CreateVersion7():N}";

    /// <summary>A queue by which a type of queue is tried; of a fixed name, see <see cref="QueueArguments.Results"/>.</summary>
    public static string ProbeOfType(string type) => $"broker.doctor.{type}";

    /// <summary>The command that grants what a producer needs: as in the README. It reads from the queues of suspects only to purge them.</summary>
    public static string ProducerGrant(string virtualHost, string user) =>
        $"rabbitmqctl set_permissions -p {virtualHost} {user} '^broker\\.' '^broker\\.' '^broker\\.(jobs|suspects|dead|control|results|kinds|outcomes|log|token|queue|pipe)'";

    /// <summary>The header in which RabbitMQ counts how often it has redelivered a message; absent or 0 on the first delivery.</summary>
    public const string DeliveryCountHeader = "x-delivery-count";

    /// <summary>From RabbitMQ 4.3 on, the header that counts every return of a message; <see cref="DeliveryCountHeader"/> counts there only rejections and lost consumers.</summary>
    public const string AcquiredCountHeader = "x-acquired-count";
}
