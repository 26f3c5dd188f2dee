using System.CommandLine;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Logging.Elasticsearch;

namespace Broker.Consumer.Cli;

/// <summary><c>consumer logs ship</c>: for a machine whose consumers are gone and whose log is not all in Elasticsearch yet.</summary>
internal static class ShipCommand
{
    public static Command Create()
    {
        var ship = new Command("ship", "Send the log events that dead processes left on this machine to Elasticsearch");
        HelpPage.Attach(ship, "ELASTICSEARCH_URL=http://localhost:9200 consumer logs ship");
        ship.SetAction(async (_, _) =>
        {
            var shipped = await LeftBehind.ShipAsync(BrokerSettings.Load(Environment.GetEnvironmentVariables()).Logging, text => Console.Error.WriteLine($"consumer: {text}"));
            var refused = shipped.Rejected == 0 ? "" : $", {shipped.Rejected} of them refused (see {shipped.Folder})";
            Console.Out.WriteLine(shipped.Events == 0 && shipped.All ? $"nothing was left in {shipped.Folder}" : $"{shipped.Events} events sent{refused}{(shipped.All ? "" : "; the rest stays")}");
            return shipped.All ? ExitCodes.Success : ExitCodes.BrokerUnavailable;
        });
        var logs = new Command("logs", "ship: send the log events that dead processes left here") { ship };
        HelpPage.Attach(logs, "consumer logs ship");
        return logs;
    }
}
