using System.CommandLine;
using System.Globalization;
using Broker.CommandLine;
using Broker.Pool;

namespace Broker.Producer.Cli.Options;

/// <summary>How items are run.</summary>
internal sealed class RunOptions
{
    private readonly Option<int?> _chunk = new("--chunk")
    {
        Description = "Items per message; auto aims at 50 ms of work",
        HelpName = "N|auto",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text == "auto")
                return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var items) && items is >= 1 and <= 100_000)
                return items;
            result.AddError($"--chunk '{text}' is neither auto nor a number from 1 to 100000");
            return null;
        },
    };

    private readonly Option<int?> _inFlight = OptionTypes.WholeNumber("--in-flight", ["-j"], "Maximum jobs in flight [default: 2 s of work]");
    private readonly Option<TimeSpan?> _timeout = OptionTypes.Duration("--timeout", [], "An item that runs longer fails");
    private readonly Option<int?> _attempts = OptionTypes.WholeNumber("--attempts", [], "How often an item that fails is run [default: 3]");
    private readonly Option<TimeSpan?> _delay = OptionTypes.Duration("--delay", [], "Longest wait before the second attempt, then doubled [default: 1s]");
    private readonly Option<TimeSpan?> _expires = OptionTypes.Duration("--expires", [], "A job not started by then fails");
    private readonly Option<TimeSpan?> _deadline = OptionTypes.Duration("--deadline", [], "Give up the whole call after this (exit 124)");

    /// <param name="several">Whether the command runs several items.</param>
    /// <param name="waits">Whether it waits for results.</param>
    public void AddTo(Command command, bool several, bool waits)
    {
        if (several)
        {
            command.Options.Add(_chunk);
            if (!waits)
                _chunk.Description = "Items per message [default: 1]";
            _inFlight.Description = waits ? _inFlight.Description : "Maximum unconfirmed jobs [default: 1000]";
            command.Options.Add(_inFlight);
        }

        command.Options.Add(_attempts);
        command.Options.Add(_delay);
        command.Options.Add(_timeout);
        command.Options.Add(_expires);
        command.Options.Add(_deadline);
    }

    public BatchOptions Read(ParseResult parsed, long? expectedItems) => new()
    {
        Chunk = parsed.GetValue(_chunk),
        InFlight = parsed.GetValue(_inFlight),
        Attempts = parsed.GetValue(_attempts),
        RetryDelay = parsed.GetValue(_delay),
        Expires = parsed.GetValue(_expires),
        ItemTimeout = parsed.GetValue(_timeout),
        Deadline = parsed.GetValue(_deadline),
        ExpectedItems = expectedItems,
    };
}
