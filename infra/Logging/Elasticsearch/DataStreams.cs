namespace Broker.Logging.Elasticsearch;

/// <summary>The names of the data streams and the index template.</summary>
public static class DataStreams
{
    /// <summary>Matches the data streams of every component; the index template is for these.</summary>
    public const string Pattern = "logs-broker.*-*";

    /// <summary>The index template with our mappings.</summary>
    public const string Template = "logs-broker";

    /// <param name="serviceName"><c>broker-consumer</c> writes to <c>logs-broker.consumer-default</c>.</param>
    public static string Of(string serviceName) => $"logs-{serviceName.Replace('-', '.')}-default";

    /// <param name="indexFormat">The name from the sink's arguments, possibly with a date; null for the default.</param>
    public static string PatternOf(string? indexFormat)
    {
        if (indexFormat is null)
            return Pattern;
        var date = indexFormat.IndexOf('{', StringComparison.Ordinal);
        return date < 0 ? indexFormat.ToLowerInvariant() : indexFormat[..date].ToLowerInvariant() + "*";
    }
}
