using Broker.CommandLine;
using Broker.Contracts;
using Broker.Pool;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>Runs a map or a call.</summary>
internal sealed class BatchRun(string kind, ItemSource source, BatchOptions options, Session session)
{
    public bool Ordered { get; init; } = true;

    public bool Full { get; init; }

    public bool Bar { get; init; }

    /// <summary>Whether a failed item has a line on stdout.</summary>
    public bool FailedItemsHaveLines { get; init; } = true;

    /// <summary>Whether the command line has no item, and the kind may need one.</summary>
    public bool ItemIsMissing { get; init; }

    public async Task<int> RunAsync()
    {
        var failures = new FailureReport(session.Debug);
        using var results = new ResultWriter(StandardOutput.Open(), Full);
        await using var pool = await session.ConnectAsync();
        var printer = new OutcomePrinter(results, failures)
        {
            Bar = Bar ? new ProgressBar(kind, () => source.Estimate, exact: source.Count is not null, session.Colour) : null,
            FailedItemsHaveLines = FailedItemsHaveLines,
            Before = ItemIsMissing ? RefuseMisfit : null,
        };
        try
        {
            await printer.RunAsync(stop => pool.RunAsync(kind, source.ReadAsync(stop), options, Ordered, stop), session.Interrupted);
        }
        catch (OutputClosedException e)
        {
            Screen.Say($"{e.Message} after {results.Written} results; cancelling the jobs in flight");
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (session.Interrupted.IsCancellationRequested)
        {
            Screen.Say($"interrupted after {results.Written} results; cancelling the jobs in flight (again: leave at once)");
            return ExitCodes.Interrupted;
        }

        failures.Summarise(results.Written);
        source.ThrowIfBroken();
        if (results.Written == 0 && failures.Count == 0)
            Screen.Say($"no items in {source.Name}: nothing to do");
        return failures.ExitCode;
    }

    private void RefuseMisfit(ItemOutcome outcome)
    {
        if (outcome.Failure is { Type: FailureTypes.DoesNotFit } failure)
            throw new InvalidConfigurationException($"'{kind}' needs an item, and none is given: {failure.Message}");
    }
}
