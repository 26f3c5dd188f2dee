using System.Runtime.InteropServices;

namespace Broker.CommandLine.Processes;

/// <summary>What the system's C library offers and .NET does not: a process group of a child's own, and the terminal for it.</summary>
internal static partial class NativeProcess
{
    /// <summary>Signals that this runtime ignores, and a child is to have with their default: SIGPIPE and SIGTTOU.</summary>
    private static readonly int[] Ignored = [13, 22];

    private const short SetProcessGroup = 0x02;
    private const short SetDefaultSignals = 0x04;

    /// <summary>Larger than any C library's structures for this.</summary>
    private const int StructureBytes = 1024;

    /// <summary>Starts a program in a new process group; the first of its arguments is looked for in PATH.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">All of its environment, as NAME=VALUE.</param>
    /// <param name="input">The descriptor that becomes its standard input; null for ours.</param>
    /// <param name="terminal">Whether the group becomes that in the foreground of the terminal at standard input.</param>
    /// <returns>0 and the process id, which is the group's too; or the number of an error.</returns>
    public static (int Error, int ProcessId) Spawn(IReadOnlyList<string> command, IEnumerable<string> environment, int? input, bool terminal)
    {
        var (actions, attributes) = (Marshal.AllocHGlobal(StructureBytes), Marshal.AllocHGlobal(StructureBytes));
        var signals = Marshal.AllocHGlobal(StructureBytes);
        using var arguments = new StringArray(command);
        using var variables = new StringArray(environment);
        _ = FileActionsInit(actions);
        _ = AttributesInit(attributes);
        try
        {
            _ = SignalSetEmpty(signals);
            foreach (var signal in Ignored)
                _ = SignalSetAdd(signals, signal);
            _ = AttributesSetDefaultSignals(attributes, signals);
            _ = AttributesSetProcessGroup(attributes, 0);
            _ = AttributesSetFlags(attributes, SetProcessGroup | SetDefaultSignals);
            if (input is { } descriptor)
                _ = FileActionsAddDuplicate(actions, descriptor, 0);
            if (terminal)
                AddTerminal(actions);
            var error = SpawnInPath(out var processId, command[0], actions, attributes, arguments.Pointer, variables.Pointer);
            return (error, processId);
        }
        finally
        {
            _ = FileActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            Marshal.FreeHGlobal(actions);
            Marshal.FreeHGlobal(attributes);
            Marshal.FreeHGlobal(signals);
        }
    }

    /// <summary>Waits for the end of a child that no other part of this process waits for.</summary>
    /// <returns>Its exit code; 128 and the signal's number if a signal ended it.</returns>
    public static int Wait(int processId)
    {
        const int Interrupted = 4;
        int status;
        while (WaitForProcess(processId, out status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                return ExitCodes.Unexpected;
        }

        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>Gives the terminal at standard input back to this process, whose group is not in the foreground.</summary>
    public static void TakeTerminal()
    {
        // Without this the system would stop us for it.
        var before = SetSignal(22, 1);
        _ = SetForegroundGroup(0, OwnGroup());
        SetSignal(22, before);
    }

    /// <summary>Whether standard input is a terminal, in whose foreground this process is.</summary>
    public static bool HasTerminal => GetForegroundGroup(0) is > 0 and var group && group == OwnGroup();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    /// <summary>In the child, before it begins; C libraries without it leave the terminal with us, and what it reads from there stops it.</summary>
    private static void AddTerminal(nint actions)
    {
        try
        {
            _ = FileActionsAddForegroundGroup(actions, 0);
        }
        catch (EntryPointNotFoundException)
        {
            // The child then has no terminal to read from.
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnInPath(out int processId, string file, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int FileActionsInit(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int FileActionsDestroy(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int FileActionsAddDuplicate(nint actions, int descriptor, int newDescriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addtcsetpgrp_np")]
    private static partial int FileActionsAddForegroundGroup(nint actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesSetFlags(nint attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int AttributesSetProcessGroup(nint attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesSetDefaultSignals(nint attributes, nint signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int SignalSetEmpty(nint signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    private static partial int SignalSetAdd(nint signals, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitForProcess(int processId, out int status, int options);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int GetForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcsetpgrp")]
    private static partial int SetForegroundGroup(int descriptor, int group);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int OwnGroup();

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);
}
