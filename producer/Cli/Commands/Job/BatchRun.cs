using Broker.CommandLine;
using Broker.Contracts;
using Broker.Pool;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.JobLogs;
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

    /// <summary>The joblog; null where none is wanted.</summary>
    public JobLogPlan? JobLog { get; init; }

    /// <summary>When to stop early; null for never.</summary>
    public HaltRule? Halt { get; init; }

    /// <summary>Whether the command line has no item, and the kind may need one.</summary>
    public bool ItemIsMissing { get; init; }

    public async Task<int> RunAsync()
    {
        var failures = new FailureReport(session.Debug);
        using var results = new ResultWriter(StandardOutput.Open(), Full);
        var total = Halt is { IsPercentage: true } ? await source.CountAsync(session.Interrupted) : source.Count;
        await using var pool = await session.ConnectAsync();
        // Not before there is a broker: an earlier joblog is overwritten.
        Selection? selection = null;
        using var log = JobLog?.Open(kind, out selection);
        using var watch = new OutcomeWatch(log, Halt, selection, total);
        var bar = Bar ? new ProgressBar(kind, () => source.Estimate - (selection?.Skipped ?? 0), exact: source.Count is not null, session.Colour) : null;
        var printer = new OutcomePrinter(results, failures)
        {
            Bar = bar,
            FailedItemsHaveLines = FailedItemsHaveLines,
            Before = ItemIsMissing ? RefuseMisfit : null,
            After = Ordered || !watch.IsNeeded ? null : outcome => watch.Add(outcome, results),
            Flushed = watch.Flush,
        };
        var steered = options with { Steering = watch.Steer(Ordered), Progress = bar };
        try
        {
            await printer.RunAsync(stop => pool.RunAsync(kind, source.ReadAsync(stop, selection?.Limit ?? long.MaxValue), steered, Ordered, stop), session.Interrupted);
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
        selection?.Summarise();
        watch.Summarise(source.Name);
        source.ThrowIfBroken();
        if (results.Written == 0 && failures.Count == 0 && selection is not { Skipped: > 0 })
            Screen.Say($"{(selection is { Limit: 0 } ? "no item of the joblog has failed" : $"no items in {source.Name}")}: nothing to do");
        return watch.IsHalted && Halt!.Counts == HaltCount.Succeeded ? ExitCodes.Success : failures.ExitCode;
    }

    private void RefuseMisfit(ItemOutcome outcome)
    {
        if (outcome.Failure is { Type: FailureTypes.DoesNotFit } failure)
            throw new InvalidConfigurationException($"'{kind}' needs an item, and none is given: {failure.Message}");
    }
}
