using Broker.Contracts;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Broker.Logging.Settings;
using Broker.Logging.Spool;

namespace Broker.Logging;

/// <summary>Sends the events that dead processes left in the spool, without writing to it.</summary>
public static class AbandonedSpools
{
    /// <param name="settings">The addresses of Elasticsearch and the spool folder.</param>
    /// <param name="notice">Told why events cannot be sent.</param>
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
        using var shipper = new Shipper(options, spool, client, new DeadLetterFile(options.SpoolBase, owner), new RateLimitedNotices(notice), new SinkReports(dropped, _ => { }));
        var all = await shipper.SendAbandonedAsync();
        return new ShippedEvents(shipper.Shipped, shipper.Rejected, all, spool.Folder);
    }
}

/// <param name="Events">How many the server stored or rejected.</param>
/// <param name="Rejected">How many of them it rejected.</param>
/// <param name="All">Whether only events of running processes remain, which send them themselves.</param>
/// <param name="Folder">The spool folder.</param>
public sealed record ShippedEvents(long Events, long Rejected, bool All, string Folder);
