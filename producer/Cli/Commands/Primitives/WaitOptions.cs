using System.CommandLine;
using Broker.CommandLine;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>How long a command waits, as with <c>flock</c>: by default for ever, with -n not at all, with -w so long.</summary>
internal sealed class WaitOptions(string what)
{
    private readonly Option<bool> _noWait = new("--no-wait", "-n") { Description = $"Exit with 1 at once if {what}" };

    private readonly Option<TimeSpan?> _timeout = OptionTypes.Duration("--timeout", ["-w"], "Exit with 124 after this [default: wait for ever]");

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All => [_noWait, _timeout];

    public void Check(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetValue(_noWait) && result.GetValue(_timeout) is not null)
                result.AddError("-n does not wait: without it, -w says how long");
        });
    }

    /// <summary>Null waits for ever.</summary>
    public TimeSpan? Timeout(ParseResult parsed) => parsed.GetValue(_noWait) ? TimeSpan.Zero : parsed.GetValue(_timeout);

    /// <summary>What a command that waited in vain ends with.</summary>
    public int ExitCode(ParseResult parsed) => parsed.GetValue(_noWait) ? ExitCodes.Failed : ExitCodes.DeadlinePassed;
}
