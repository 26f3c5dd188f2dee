using System.CommandLine;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Logging;
using Broker.Logging.Elasticsearch;

namespace Broker.Consumer.Cli;

/// <summary><c>consumer logs ship</c>: for a machine without running consumers whose spool still holds events.</summary>
internal static class ShipCommand
{
    public static Command Create()
    {
        var ship = new Command("ship", "Send the log events that dead processes left on this machine to Elasticsearch");
        HelpPage.Attach(ship, "ELASTICSEARCH_URL=http://localhost:9200 consumer logs ship");
        ship.SetAction(async (_, _) =>
        {
            var shipped = await AbandonedSpools.ShipAsync(BrokerSettings.Load(Environment.GetEnvironmentVariables()).Logging, text => Console.Error.WriteLine($"consumer: {text}"));
            var rejected = shipped.Rejected == 0 ? "" : $", {shipped.Rejected} of them rejected (see {shipped.Folder})";
            Console.Out.WriteLine(shipped.Events == 0 && shipped.All ? $"no events stored in {shipped.Folder}" : $"{shipped.Events} events sent{rejected}{(shipped.All ? "" : "; the rest remains")}");
            return shipped.All ? ExitCodes.Success : ExitCodes.BrokerUnavailable;
        });
        var logs = new Command("logs", "ship: send the log events that dead processes left here") { ship };
        HelpPage.Attach(logs, "consumer logs ship");
        return logs;
    }
}
