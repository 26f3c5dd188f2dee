using Broker.Pool;
using Broker.Producer.Cli.JobLogs;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>What a map does with each outcome as it comes, beside printing it: its line in the joblog, and the count that may halt it.</summary>
/// <param name="log">The joblog; null where there is none.</param>
/// <param name="halt">When to halt; null for never.</param>
/// <param name="selection">Which items are run; null for all.</param>
/// <param name="total">How many items there are; null where that is not known before they are read.</param>
internal sealed class OutcomeWatch(JobLogFile? log, HaltRule? halt, Selection? selection, long? total) : IDisposable
{
    private readonly CancellationTokenSource _stopSending = new();
    private readonly CancellationTokenSource _stopWaiting = new();
    private BatchSteering? _steering;
    private long _done;
    private long _failed;

    /// <summary>Whether the rule was reached.</summary>
    public bool IsHalted { get; private set; }

    /// <summary>Whether there is anything to do with an outcome.</summary>
    public bool IsNeeded => log is not null || halt is not null;

    /// <summary>What it makes of the batch.</summary>
    /// <param name="ordered">Whether outcomes are given in order: then they come here earlier than to the printer, which else hands them on.</param>
    public BatchSteering Steer(bool ordered) => _steering = new BatchSteering
    {
        Skips = selection is null ? null : selection.Skips,
        Completed = ordered && IsNeeded ? AddAll : null,
        Waiting = ordered ? Flush : null,
        KeepsItems = log is not null,
        StopSending = _stopSending.Token,
        StopWaiting = _stopWaiting.Token,
    };

    /// <summary>Takes an outcome whose result is written; <paramref name="results"/> are on their way before the joblog says so.</summary>
    public void Add(in ItemOutcome outcome, ResultWriter results)
    {
        Add(outcome);
        if (log is not { IsFull: true })
            return;
        results.Flush();
        log.Flush();
    }

    public void Flush() => log?.Flush();

    /// <summary>Tells what the halt has left without an outcome.</summary>
    /// <param name="source">The name of where the items come from.</param>
    public void Summarise(string source)
    {
        if (!IsHalted)
            return;
        var inFlight = _steering!.Sent - _done;
        var allSent = _steering.AllRead || _steering.Sent + (selection?.Skipped ?? 0) == total;
        if (allSent && inFlight == 0)
            return;
        // Which of the items that were not read would have been skipped is not known.
        var missing = Total is { } all && selection is null
            ? $"{all - _done} of {all} items have no outcome"
            : $"{inFlight} items that were sent have no outcome{(allSent ? "" : $", and the rest of {source} was not sent")}";
        Screen.Say($"halted by {halt!.Text}: {missing}{(log is null ? "" : " (--resume runs them)")}");
    }

    public void Dispose()
    {
        _stopSending.Dispose();
        _stopWaiting.Dispose();
    }

    private long? Total => total ?? (_steering is { AllRead: true } read ? read.Sent + (selection?.Skipped ?? 0) : null);

    private void AddAll(IReadOnlyList<ItemOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
            Add(outcome);
        if (log is { IsFull: true })
            log.Flush();
    }

    private void Add(in ItemOutcome outcome)
    {
        log?.Add(outcome);
        _done++;
        if (outcome.Failure is not null)
            _failed++;
        if (!IsHalted && halt?.IsReached(_done, _failed, Total) is true)
            Halt();
    }

    private void Halt()
    {
        IsHalted = true;
        _stopSending.Cancel();
        if (halt!.Now)
            _stopWaiting.Cancel();
        else if (_steering!.Sent > _done)
            Screen.Say($"halting by {halt.Text}: no more items are sent; waiting for {_steering.Sent - _done} that are");
    }
}
