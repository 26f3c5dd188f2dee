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
        var bar = Bar ? new ProgressBar(kind, () => source.Estimate, exact: source.Count is not null, session.Colour) : null;
        try
        {
            if (bar is null)
                await CopyAsync(pool, results, failures, bar);
            else
                await bar.RunAsync(() => CopyAsync(pool, results, failures, bar));
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

    private async Task CopyAsync(JobPool pool, ResultWriter results, FailureReport failures, ProgressBar? bar)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(session.Interrupted);
        await using var reader = pool.RunAsync(kind, source.ReadAsync(stop.Token), options, Ordered, stop.Token).GetAsyncEnumerator(stop.Token);
        try
        {
            while (await NextAsync(reader, results, stop))
            {
                var outcome = reader.Current;
                if (ItemIsMissing && outcome.Failure is { Type: FailureTypes.DoesNotFit } failure)
                    throw new InvalidConfigurationException($"'{kind}' needs an item, and none is given: {failure.Message}");
                if (outcome.Failure is not null)
                    failures.Add(outcome);
                if (FailedItemsHaveLines || Full || outcome.Failure is null)
                    results.Write(outcome);
                bar?.Advance(outcome.Failure is not null);
            }
        }
        finally
        {
            results.Flush();
        }
    }

    /// <summary>Waits for the next outcome; flushes the written results first if there is none yet.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ItemOutcome> reader, ResultWriter results, CancellationTokenSource stop)
    {
        var next = reader.MoveNextAsync();
        if (next.IsCompleted)
            return await next;
        var waiting = next.AsTask();
        try
        {
            results.Flush();
        }
        catch (OutputClosedException)
        {
            // An async enumerator cannot be disposed while MoveNextAsync is pending.
            await stop.CancelAsync();
            await Task.WhenAny(waiting);
            throw;
        }

        return await waiting;
    }
}
