using Broker.Contracts;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends the events that dead processes left in the spool, without being one of those that write there.</summary>
public static class LeftBehind
{
    /// <param name="settings">Where Elasticsearch and the spool are.</param>
    /// <param name="notice">Hears what keeps events from their way.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">No Elasticsearch is configured.</exception>
    public static async Task<ShippedEvents> ShipAsync(LoggingSettings settings, Action<string> notice)
    {
        var connection = settings.Elasticsearch ?? throw new InvalidConfigurationException("no Elasticsearch is configured: set ELASTICSEARCH_URL");
        var options = SerilogSection.Options(settings, connection) with
        {
            SpoolBase = SerilogSection.SpoolBase(settings),
            Segments = 1_000_000,
            TemplateName = ElasticsearchArguments.ValueIn(settings.Serilog, "templateName") ?? DataStreams.Template,
            PutTemplate = ElasticsearchArguments.ValueIn(settings.Serilog, "autoRegisterTemplate")?.Equals("false", StringComparison.OrdinalIgnoreCase) != true,
            IndexFormat = ElasticsearchArguments.ValueIn(settings.Serilog, "indexFormat"),
            Pipeline = ElasticsearchArguments.ValueIn(settings.Serilog, "pipelineName"),
        };
        var dropped = new DropCounts();
        var owner = ProcessFields.Current.EntityId;
        using var spool = new EventSpool(options.SpoolBase, owner, options.SegmentBytes, options.SegmentBytes * options.Segments, dropped);
        using var client = new ElasticsearchClient(connection);
        using var shipper = new Shipper(options, spool, client, new DeadLetterFile(options.SpoolBase, owner), new Trouble(notice), new SinkReports(dropped, _ => { }));
        var all = await shipper.SendLeftBehindAsync();
        return new ShippedEvents(shipper.Shipped, shipper.Rejected, all, spool.Folder);
    }
}

/// <param name="Events">How many the server has now, or has refused.</param>
/// <param name="Rejected">How many of them it refused.</param>
/// <param name="All">Whether nothing is left but what living processes will send themselves.</param>
/// <param name="Folder">Where they lay.</param>
public sealed record ShippedEvents(long Events, long Rejected, bool All, string Folder);
