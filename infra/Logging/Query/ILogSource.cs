namespace Broker.Logging.Query;

/// <summary>Where log lines lie. Every source answers a query with the same lines in the same order. For one read, then perhaps one follow.</summary>
public interface ILogSource
{
    /// <summary>The place, as a person may be told: no credentials.</summary>
    string Place { get; }

    /// <summary>The newest lines that match, the oldest first.</summary>
    /// <exception cref="LogsUnavailableException">They cannot be had.</exception>
    Task<IReadOnlyList<LogDocument>> ReadNewestAsync(LogQuery query, int count, CancellationToken cancellationToken);

    /// <summary>All lines that match, the oldest first, in constant memory.</summary>
    /// <exception cref="LogsUnavailableException">They cannot be had.</exception>
    IAsyncEnumerable<LogDocument> ReadAllAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Lines that were not there at the read before, as they come: each once, in order among those that come together. Ends only by
    /// <paramref name="cancellationToken"/>.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<LogDocument>> FollowAsync(LogQuery query, CancellationToken cancellationToken);
}
