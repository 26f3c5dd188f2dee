using Broker.CommandLine;
using Broker.CommandLine.Processes;
using Broker.Primitives;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>A program that runs as long as something is held.</summary>
internal static class HeldProgram
{
    /// <param name="hold">What is held.</param>
    /// <param name="name">Its name.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="kill">Whether the program is ended when the hold is lost.</param>
    /// <param name="session">Whose signals the program gets.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(BrokerHold hold, string name, string[] command, bool kill, Session session)
    {
        ProcessGroup program;
        try
        {
            program = ProcessGroup.Start(command, new Dictionary<string, string> { ["BROKER_FENCE"] = $"{hold.Fence}", ["BROKER_LOCK"] = name });
        }
        catch (ProgramNotStartedException e)
        {
            Screen.Say(e.Message);
            return e.ExitCode;
        }

        await using (program)
        {
            session.Forward(program.Signal);
            // A signal that came before is not to be lost.
            if (session.Interrupted.IsCancellationRequested)
                program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
            var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var told = hold.LostToken.UnsafeRegister(_ => lost.TrySetResult(), null);
            await Task.WhenAny(program.Exit, lost.Task);
            if (!lost.Task.IsCompleted)
                return await program.Exit;
            Screen.Say($"{name} was lost while {command[0]} ran: {hold.LostReason}");
            if (kill)
                await program.EndAsync();
            else
                await program.Exit;
            return ExitCodes.Incomplete;
        }
    }
}
