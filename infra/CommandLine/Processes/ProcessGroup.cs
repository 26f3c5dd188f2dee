using System.Collections;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Broker.CommandLine.Processes;

/// <summary>
/// A program in a process group of its own, so that a signal reaches all that it has started. Should this process be killed, the group is terminated: a shell waits at the other end of a pipe. At a
/// terminal the group is in the foreground, as a shell's command is.
/// </summary>
public sealed class ProcessGroup : IAsyncDisposable
{
    /// <summary>What ends is told to; what does not then is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int Terminate = 15;
    private const int Kill = 9;

    /// <summary>Reads the group's number, then waits for a line; without one, the writer was killed.</summary>
    private const string GuardScript = "exec >/dev/null 2>&1; read -r group || exit; read -r done && exit; kill -s TERM -- \"-$group\"; sleep 5; kill -s KILL -- \"-$group\"";

    private readonly int _processId;
    private readonly bool _terminal;
    private readonly AnonymousPipeServerStream _guard;

    private ProcessGroup(int processId, bool terminal, AnonymousPipeServerStream guard)
    {
        (_processId, _terminal, _guard) = (processId, terminal, guard);
        Exit = Task.Factory.StartNew(() => NativeProcess.Wait(processId), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The program's exit code, when it has ended; 128 and the signal's number if a signal ended it.</summary>
    public Task<int> Exit { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="command">The program, which is looked for in PATH, and its arguments.</param>
    /// <param name="environment">What is added to this process's environment.</param>
    /// <exception cref="ProgramNotStartedException">It cannot be run.</exception>
    public static ProcessGroup Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(environment);
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(one => (string)one.Key, one => (string?)one.Value);
        foreach (var (name, value) in environment)
            variables[name] = value;
        var all = variables.Select(static one => $"{one.Key}={one.Value}").ToList();
        var guard = StartGuard(all);
        var terminal = NativeProcess.HasTerminal;
        var (error, processId) = NativeProcess.Spawn(command, all, input: null, terminal);
        if (error != 0)
        {
            guard.Dispose();
            throw new ProgramNotStartedException($"cannot run {command[0]}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        guard.Write(System.Text.Encoding.ASCII.GetBytes($"{processId}\n"));
        return new ProcessGroup(processId, terminal, guard);
    }

    /// <summary>Sends a signal to the whole group, if it is there still.</summary>
    public void Signal(PosixSignal signal) => Signal(signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => Terminate,
    });

    /// <summary>Terminates the group, and kills it after five seconds.</summary>
    /// <returns>The program's exit code.</returns>
    public async Task<int> EndAsync()
    {
        Signal(Terminate);
        await Task.WhenAny(Exit, Task.Delay(Grace));
        // What the program has started may have stayed.
        Signal(Kill);
        return await Exit;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exit.IsCompleted)
            await EndAsync();
        if (_terminal)
            NativeProcess.TakeTerminal();
        await _guard.WriteAsync("done\n"u8.ToArray());
        await _guard.DisposeAsync();
    }

    private static AnonymousPipeServerStream StartGuard(IReadOnlyList<string> environment)
    {
        // Not inheritable: the program must have neither end, or the guard would wait for it as well.
        var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var (error, processId) = NativeProcess.Spawn(["/bin/sh", "-c", GuardScript], environment, (int)pipe.ClientSafePipeHandle.DangerousGetHandle(), terminal: false);
        pipe.DisposeLocalCopyOfClientHandle();
        if (error == 0)
            _ = Task.Factory.StartNew(() => NativeProcess.Wait(processId), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return pipe;
    }

    private void Signal(int signal) => _ = NativeProcess.Kill(-_processId, signal);
}
