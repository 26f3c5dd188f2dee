using System.Globalization;

namespace Broker.Tests.Support;

/// <summary>Starts the producer on a terminal of its own, by <c>script</c> of util-linux: standard input, output and error are that terminal.</summary>
public static class Terminal
{
    private const string Script = "/usr/bin/script";

    public static RunningProgram StartProducer(IEnumerable<string> arguments, int columns = 80, int rows = 24, string? url = null)
    {
        if (!File.Exists(Script))
            throw TestBroker.Missing($"left out: no {Script}, which makes a terminal (package bsdutils)");
        var command = string.Join(' ', arguments.Prepend(Programs.Producer).Select(argument => $"'{argument}'"));
        var size = string.Create(CultureInfo.InvariantCulture, $"stty cols {columns} rows {rows}");
        var environment = Programs.Surroundings(url ?? TestBroker.Require(), new Dictionary<string, string?> { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" });
        return RunningProgram.Start(Script, ["-qec", $"{size}; exec {command}", "/dev/null"], environment, keepInput: true);
    }
}
