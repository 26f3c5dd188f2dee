using Broker.Pool;

namespace Broker.Producer.Cli.Output;

/// <summary>Writes outcomes as they come: results to standard output, failures to the report.</summary>
/// <param name="results">The results.</param>
/// <param name="failures">The failures.</param>
internal sealed class OutcomePrinter(ResultWriter results, FailureReport failures)
{
    public ProgressBar? Bar { get; init; }

    /// <summary>Whether a failed item has a line on stdout.</summary>
    public bool FailedItemsHaveLines { get; init; } = true;

    /// <summary>Called for each outcome before it is written.</summary>
    public Action<ItemOutcome>? Before { get; init; }

    /// <summary>Called for each outcome when it is written.</summary>
    public Action<ItemOutcome>? After { get; init; }

    /// <summary>Called when all that was written has been handed to standard output.</summary>
    public Action? Flushed { get; init; }

    /// <summary>Writes all; beside a bar where there is one.</summary>
    /// <param name="read">Gives the outcomes, until its token ends it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="CommandLine.OutputClosedException">Standard output is closed.</exception>
    public Task RunAsync(Func<CancellationToken, IAsyncEnumerable<ItemOutcome>> read, CancellationToken cancellationToken) =>
        Bar is null ? CopyAsync(read, cancellationToken) : Bar.RunAsync(() => CopyAsync(read, cancellationToken));

    private async Task CopyAsync(Func<CancellationToken, IAsyncEnumerable<ItemOutcome>> read, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var outcomes = read(stop.Token).GetAsyncEnumerator(stop.Token);
        try
        {
            while (await NextAsync(outcomes, stop))
            {
                var outcome = outcomes.Current;
                Before?.Invoke(outcome);
                if (outcome.Failure is not null)
                    failures.Add(outcome);
                if (FailedItemsHaveLines || results.Full || outcome.Failure is null)
                    results.Write(outcome);
                After?.Invoke(outcome);
                Bar?.Advance(outcome);
            }
        }
        finally
        {
            Flush();
        }
    }

    /// <summary>Waits for the next outcome; flushes the written results first if there is none yet.</summary>
    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ItemOutcome> outcomes, CancellationTokenSource stop)
    {
        var next = outcomes.MoveNextAsync();
        if (next.IsCompleted)
            return await next;
        var waiting = next.AsTask();
        try
        {
            Flush();
        }
        catch (CommandLine.OutputClosedException)
        {
            // An async enumerator cannot be disposed while MoveNextAsync is pending.
            await stop.CancelAsync();
            await Task.WhenAny(waiting);
            throw;
        }

        return await waiting;
    }

    private void Flush()
    {
        results.Flush();
        Flushed?.Invoke();
    }
}
