using Broker.CommandLine;
using Broker.Pool;

namespace Broker.Producer.Cli.Output;

/// <summary>Reports the first failed items on stderr and counts all for the exit code.</summary>
internal sealed class FailureReport(bool stacks)
{
    private const int Shown = 10;

    private long _failed;

    public long Count => _failed;

    public int ExitCode => _failed switch
    {
        0 => ExitCodes.Success,
        <= 100 => (int)_failed,
        _ => ExitCodes.ManyFailed,
    };

    public void Add(in ItemOutcome outcome)
    {
        if (++_failed > Shown)
            return;
        var (run, failure) = (outcome.Run, outcome.Failure!);
        Screen.Say(SafeText.Of($"item {outcome.Index} failed on {run.Worker.Host} pid {run.Worker.ProcessId}: {failure.Type}: {failure.Message.ReplaceLineEndings(" ")}") + $" (producer logs --job {run.JobId})");
        if (stacks && failure.StackTrace is { } stack)
            Screen.WriteLine(string.Join('\n', stack.ReplaceLineEndings("\n").Split('\n').Select(SafeText.Of)));
    }

    public void Summarise(long total)
    {
        if (_failed > Shown)
            Screen.Say($"{_failed - Shown} more failed, {_failed} of {total} in all (--output full shows each)");
    }
}
