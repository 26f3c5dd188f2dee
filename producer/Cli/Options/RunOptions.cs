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
    /// <summary>What <c>--priority</c> does, which depends on the broker; for the foot of a help page.</summary>
    public const string PriorityNote =
        """
        --priority N (1 to 31): RabbitMQ 4.3 delivers all jobs of a higher number before
        the others, which wait as long as such jobs come; 4.0 to 4.2 know two classes,
        1 to 4 and 5 to 31, and deliver two of the upper for one of the lower; older
        ones know none, which is said. Jobs that a consumer has already are not passed.
        """;

    private readonly Option<int?> _priority = new("--priority")
    {
        Description = "Jobs of a higher number are delivered first [default: as 4]",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var priority) && priority is >= BatchOptions.MinPriority and <= BatchOptions.MaxPriority)
                return priority;
            result.AddError($"--priority '{text}' is not a number from {BatchOptions.MinPriority} to {BatchOptions.MaxPriority}");
            return null;
        },
    };

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

        command.Options.Add(_priority);
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
        Priority = parsed.GetValue(_priority),
        Attempts = parsed.GetValue(_attempts),
        RetryDelay = parsed.GetValue(_delay),
        Expires = parsed.GetValue(_expires),
        ItemTimeout = parsed.GetValue(_timeout),
        Deadline = parsed.GetValue(_deadline),
        ExpectedItems = expectedItems,
    };
}
