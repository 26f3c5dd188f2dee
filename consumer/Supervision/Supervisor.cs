using System.Diagnostics.CodeAnalysis;
using Broker.CommandLine;
using Broker.Consumer.Cli;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Screen;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Supervision;

/// <summary>
/// Keeps N child processes running. A crash, or a failure to start, is logged and the child restarted; other children are not affected. A child that found nothing
/// to do, or that an operator has drained, is not replaced; after the last of them the supervisor ends.
/// </summary>
/// <param name="start">Starts a child of that name.</param>
internal sealed class Supervisor(
    ConsumerSettings settings, Func<string, ChildProcess> start, ConsumerLifetime life, Readiness readiness, ConsoleQueue console, ILogger log)
{
    /// <summary>How long a line is held for earlier ones of other children: longer than a pipe's delay, too short to notice.</summary>
    public static readonly TimeSpan LineHold = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after its shutdown timeout a child is killed.</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(5);

    /// <summary>The exit code of a process that a signal ended is this plus the signal's number.</summary>
    private const int SignalBase = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, ChildProcess> _children = [];
    private int _wanted = settings.Processes!.Value;
    private bool _wasReady;

    /// <summary>Runs until <see cref="ConsumerLifetime.Drain"/>, or until no child is wanted any more.</summary>
    /// <returns>0, or the exit code of a child when none was ever ready: then the settings are wrong, or the broker refuses us.</returns>
    public async Task<int> RunAsync()
    {
        using var measured = SupervisorMetrics.Observe(Count);
        await using var stopping = life.Drain.Register(() => TellAll(ChildProcess.Stop));
        await using var hurrying = life.CancelJobs.Register(() => TellAll(ChildProcess.Cancel));
        var ends = await Task.WhenAll(Enumerable.Range(1, settings.Processes!.Value).Select(KeepRunningAsync));
        log.LogInformation(EventActions.ProcessStopped, "all child processes have stopped");
        return ends.Max();
    }

    private async Task<int> KeepRunningAsync(int number)
    {
        var backoff = new RestartBackoff();
        while (!life.Drain.IsCancellationRequested)
        {
            TimeSpan delay;
            if (TryStart(number, out var child, out var failure))
            {
                using var ended = child;
                var exitCode = await EndAsync(child, child.FollowAsync(OnChange, console));
                lock (_lock)
                    _children.Remove(number);
                if (life.Drain.IsCancellationRequested)
                    break;
                var end = EndOf(child, exitCode);
                if (end is ConsumerEnd.Idle or ConsumerEnd.Drained)
                {
                    GoWithout(child, end);
                    break;
                }

                if (end is ConsumerEnd.Spent or ConsumerEnd.Unfit)
                {
                    LogReplacement(child, end);
                    continue;
                }

                if (exitCode is ExitCodes.Usage or ExitCodes.BrokerUnavailable && !WasReady)
                {
                    // The child has logged the reason, and a restart would fail again.
                    life.Stop();
                    return exitCode;
                }

                delay = backoff.After(child.WasReady);
                LogCrash(child, exitCode, delay);
                SupervisorMetrics.Crashed();
            }
            else
            {
                delay = backoff.After(wasReady: false);
                log.LogError(EventActions.ChildStarted, failure, "child process {Name}-{Number} cannot be started ({Reason}); next attempt in {Delay:0.0} s", settings.Name, number, failure.Message, delay.TotalSeconds);
            }

            await Task.Delay(delay, life.Drain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }

    /// <summary>Why the child ended of itself; one that crashed over its last jobs has not.</summary>
    private static ConsumerEnd EndOf(ChildProcess child, int exitCode) =>
        exitCode == (child.End == ConsumerEnd.Unfit ? 1 : 0) ? child.End : ConsumerEnd.None;

    private void GoWithout(ChildProcess child, ConsumerEnd end)
    {
        log.LogInformation(EventActions.ProcessStopped, "child process {ChildPid} has ended because {Reason}; no other takes its place", child.Id, end == ConsumerEnd.Idle ? "there is nothing to do" : "it was drained");
        lock (_lock)
            _wanted--;
        UpdateReadiness();
    }

    private bool WasReady
    {
        get
        {
            lock (_lock)
                return _wasReady;
        }
    }

    private bool TryStart(int number, [NotNullWhen(true)] out ChildProcess? child, [NotNullWhen(false)] out Exception? failure)
    {
        try
        {
            child = start($"{settings.Name}-{number}");
            failure = null;
        }
        // Whatever it is (a limit on processes, no memory, a program that is being replaced), it may be over at the next attempt.
        catch (Exception e)
        {
            child = null;
            failure = e;
            return false;
        }

        lock (_lock)
            _children[number] = child;
        log.LogInformation(EventActions.ChildStarted, "started child process {ChildPid} ({Name}-{Number})", child.Id, settings.Name, number);
        // Stopped while it was being started: it was not among those that were told.
        if (life.Drain.IsCancellationRequested)
            child.Tell(ChildProcess.Stop);
        if (life.CancelJobs.IsCancellationRequested)
            child.Tell(ChildProcess.Cancel);
        return true;
    }

    private async Task<int> EndAsync(ChildProcess child, Task<int> ending)
    {
        var stopAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = life.Drain.Register(stopAsked.SetResult);
        await Task.WhenAny(ending, stopAsked.Task);
        try
        {
            return ending.IsCompleted ? await ending : await ending.WaitAsync(settings.ShutdownTimeout + KillGrace);
        }
        catch (TimeoutException)
        {
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} does not stop and is killed; the broker requeues its jobs", child.Id);
            child.Kill();
            return await ending;
        }
    }

    private void TellAll(string order)
    {
        lock (_lock)
        {
            foreach (var child in _children.Values)
                child.Tell(order);
        }
    }

    private void OnChange()
    {
        UpdateReadiness();
        bool drained;
        lock (_lock)
            drained = _children.Values.Any(child => child.End == ConsumerEnd.AllDrained);
        // Its siblings were told by the same message, but one that is being started has not heard it.
        if (drained && !life.Drain.IsCancellationRequested)
        {
            log.LogInformation(EventActions.ProcessStopping, "drained with its child processes");
            life.Stop();
        }
    }

    private void UpdateReadiness()
    {
        lock (_lock)
        {
            _wasReady |= _children.Values.Any(child => child.IsReady);
            readiness.Set(_wanted > 0 && _children.Count == _wanted && _children.Values.All(child => child.IsReady));
        }
    }

    private (int Ready, int Others) Count()
    {
        lock (_lock)
        {
            var ready = _children.Values.Count(child => child.IsReady);
            return (ready, _children.Count - ready);
        }
    }

    private void LogReplacement(ChildProcess child, ConsumerEnd end)
    {
        if (end == ConsumerEnd.Spent)
            log.LogInformation(EventActions.ProcessStopped, "child process {ChildPid} has ended as its limits want it, after {Seconds:0.0} s; a new one starts now", child.Id, child.Lived.TotalSeconds);
        else
            log.LogWarning(EventActions.ProcessStopped, "child process {ChildPid} was no longer fit to run jobs and has ended, after {Seconds:0.0} s (its log says why); a new one starts now", child.Id, child.Lived.TotalSeconds);
    }

    private void LogCrash(ChildProcess child, int exitCode, TimeSpan delay)
    {
        using var scope = log.BeginScope(new Dictionary<string, object?> { ["ExitCode"] = exitCode });
        if (exitCode > SignalBase)
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} was ended by signal {Signal} after {Seconds:0.0} s; a new one starts in {Delay:0.0} s", child.Id, exitCode - SignalBase, child.Lived.TotalSeconds, delay.TotalSeconds);
        else
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} ended with exit code {ExitCode} after {Seconds:0.0} s; a new one starts in {Delay:0.0} s", child.Id, exitCode, child.Lived.TotalSeconds, delay.TotalSeconds);
    }
}
