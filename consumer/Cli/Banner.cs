using Broker.Connection;
using Broker.Logging;
using Broker.Logging.Events;

namespace Broker.Consumer.Cli;

/// <summary>The first lines on the console: what runs, where, with what, and how to stop it.</summary>
internal static class Banner
{
    public static void Write(ConsumerSettings settings, BrokerAddress address, IEnumerable<(string Kind, int Concurrency)> kinds, IEnumerable<string> logs)
    {
        var processes = settings.Processes is { } count ? $", {count} processes" : "";
        Console.Error.WriteLine($"""
            consumer {ProcessFields.Version}{processes}
              broker  {address}
              kinds   {string.Join(", ", kinds.Select(kind => $"{kind.Kind}={kind.Concurrency}"))} at once{(processes.Length > 0 ? " in each process" : "")}
              logs    {string.Join(", ", logs.Prepend("this screen"))}
              stop    Ctrl-C or SIGTERM: running jobs may finish for {settings.ShutdownTimeout.TotalSeconds:0.#} s; a second Ctrl-C cancels them
            """);
    }
}
