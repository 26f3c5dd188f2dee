using System.CommandLine;
using Broker.CommandLine;

namespace Broker.Producer.Cli.Options;

/// <summary>How outcomes are shown.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string?> _output = OptionTypes.Word("--output", ["-o"], "value|full", "full: an object with batch, job, index, value, failure, pid, host, attempt, times", "value", "full");
    private readonly Option<bool> _bar = new("--bar") { Description = "Progress on stderr, or --no-bar [default: on a screen]" };
    private readonly Option<bool> _noBar = new("--no-bar") { Hidden = true };

    /// <param name="command">Gets the options.</param>
    /// <param name="bar">Whether it can show its progress.</param>
    /// <param name="full">What <c>full</c> is, where the output is not an item's outcome.</param>
    public void AddTo(Command command, bool bar, string? full = null)
    {
        _output.Description = full ?? _output.Description;
        command.Options.Add(_output);
        if (!bar)
            return;
        command.Options.Add(_bar);
        command.Options.Add(_noBar);
    }

    public bool Full(ParseResult parsed) => parsed.GetValue(_output) == "full";

    // Results and a bar on one terminal would overwrite each other.
    public bool Bar(ParseResult parsed) =>
        parsed.GetValue(_bar) || (!parsed.GetValue(_noBar) && !Console.IsErrorRedirected && Console.IsOutputRedirected);
}
