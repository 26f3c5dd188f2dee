namespace Broker.Logging.Query.Elasticsearch;

/// <summary>Remembers the lines shown, so that a follow, which polls the last minute repeatedly, shows each once.</summary>
internal sealed class ShownLines
{
    private readonly Dictionary<string, DateTimeOffset> _times = [];
    private LogDocument? _oldest;

    /// <summary>Remembers the result of a read.</summary>
    /// <param name="read">The hits.</param>
    /// <param name="oldest">The oldest line shown, if there are older ones: the first poll must not show those.</param>
    public void Remember(IEnumerable<SearchHit> read, LogDocument? oldest)
    {
        foreach (var hit in read)
            TryAdd(hit);
        _oldest = oldest;
    }

    /// <summary>False for a line that is too old or was shown already.</summary>
    public bool TryAdd(SearchHit hit) =>
        _times.TryAdd(hit.Id, hit.Document!.Time) && (_oldest is null || LogOrder.Instance.Compare(hit.Document, _oldest) > 0);

    /// <summary>Ends a poll: later lines are new. Forgets the lines before <paramref name="from"/>, which the next poll does not request.</summary>
    public void EndPoll(DateTimeOffset from)
    {
        _oldest = null;
        foreach (var (id, time) in _times)
        {
            if (time < from)
                _times.Remove(id);
        }
    }
}
