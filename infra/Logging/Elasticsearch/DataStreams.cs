namespace Broker.Logging.Elasticsearch;

/// <summary>The names of what we keep in Elasticsearch.</summary>
public static class DataStreams
{
    /// <summary>Matches the data streams of every component; the index template is for these.</summary>
    public const string Pattern = "logs-broker.*-*";

    /// <summary>The index template with our mappings.</summary>
    public const string Template = "logs-broker";

    /// <param name="serviceName"><c>broker-consumer</c> writes to <c>logs-broker.consumer-default</c>.</param>
    public static string Of(string serviceName) => $"logs-{serviceName.Replace('-', '.')}-default";
}
