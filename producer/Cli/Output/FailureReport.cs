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
        Screen.Say($"item {outcome.Index} failed on {outcome.Run.Worker.Host} pid {outcome.Run.Worker.ProcessId}: {outcome.Failure!.Type}: {outcome.Failure.Message.ReplaceLineEndings(" ")}");
        if (stacks && outcome.Failure.StackTrace is { } stack)
            Screen.WriteLine(stack);
    }

    public void Summarise(long total)
    {
        if (_failed > Shown)
            Screen.Say($"{_failed - Shown} more failed, {_failed} of {total} in all (--output full shows each)");
    }
}
