namespace Broker.Logging.Query;

/// <summary>A store of log lines. Every source answers a query with the same lines in the same order. Use one instance for one read and at most one follow after it.</summary>
public interface ILogSource
{
    /// <summary>The place, for messages: without credentials.</summary>
    string Place { get; }

    /// <summary>The newest lines that match, the oldest first.</summary>
    /// <exception cref="LogsUnavailableException">The source cannot be read.</exception>
    Task<IReadOnlyList<LogDocument>> ReadNewestAsync(LogQuery query, int count, CancellationToken cancellationToken);

    /// <summary>All lines that match, the oldest first, in constant memory.</summary>
    /// <exception cref="LogsUnavailableException">The source cannot be read.</exception>
    IAsyncEnumerable<LogDocument> ReadAllAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Lines that are new since the read, as they arrive: each once, ordered within a group that arrives together. Ends only by
    /// <paramref name="cancellationToken"/>.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<LogDocument>> FollowAsync(LogQuery query, CancellationToken cancellationToken);
}
