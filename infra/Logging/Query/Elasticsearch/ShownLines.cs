namespace Broker.Logging.Query.Elasticsearch;

/// <summary>Which lines have been shown, so that a follow, which asks for the last minute again and again, shows each once.</summary>
internal sealed class ShownLines
{
    private readonly Dictionary<string, DateTimeOffset> _times = [];
    private LogDocument? _oldest;

    /// <summary>Takes the result of a read.</summary>
    /// <param name="read">What it has found.</param>
    /// <param name="oldest">The oldest line that was wanted, where there may be more: the first look must not bring those.</param>
    public void Remember(IEnumerable<SearchHit> read, LogDocument? oldest)
    {
        foreach (var hit in read)
            TryAdd(hit);
        _oldest = oldest;
    }

    /// <summary>False for a line that is not to be shown, or not again.</summary>
    public bool TryAdd(SearchHit hit) =>
        _times.TryAdd(hit.Id, hit.Document!.Time) && (_oldest is null || LogOrder.Instance.Compare(hit.Document, _oldest) > 0);

    /// <summary>Whatever comes from now on is new. Forgets the lines for which nobody will ask again.</summary>
    public void EndLook(DateTimeOffset from)
    {
        _oldest = null;
        foreach (var (id, time) in _times)
        {
            if (time < from)
                _times.Remove(id);
        }
    }
}
